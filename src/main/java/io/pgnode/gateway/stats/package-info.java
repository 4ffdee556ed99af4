/**
 * What the gateway does, for people and for programs that know HAProxy: page, CSV, JSON, Prometheus
 * metrics and the runtime commands.
 *
 * <p>Everything is written from {@link io.pgnode.gateway.stats.ServiceReport}s, which a {@link
 * io.pgnode.gateway.stats.Desk} gives; so each kind of service shows up the same way.
 */
@NullMarked
package io.pgnode.gateway.stats;

import org.jspecify.annotations.NullMarked;
