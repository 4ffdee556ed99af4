/**
 * The admin console: the database {@code pgbouncer}, as PgBouncer's users and exporters know it,
 * and the same numbers for Prometheus.
 *
 * <p>Reading order: {@link io.pgnode.gateway.pooler.console.ConsoleSession} speaks the protocol,
 * {@link io.pgnode.gateway.pooler.console.CommandParser} makes a {@link
 * io.pgnode.gateway.pooler.console.Command} of a text, {@link
 * io.pgnode.gateway.pooler.console.Console} answers it with what {@link
 * io.pgnode.gateway.pooler.console.PoolerAdmin} knows and can do. The pooler implements the latter;
 * nothing here knows connections or pools.
 */
@NullMarked
package io.pgnode.gateway.pooler.console;

import org.jspecify.annotations.NullMarked;
