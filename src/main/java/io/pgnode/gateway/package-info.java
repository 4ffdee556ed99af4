/**
 * The gateway's process: its services, its statistics, and what a reload changes.
 *
 * <p>{@code route} knows the members, {@code proxy} serves in mode tcp, {@code pooler} in mode
 * pooled, {@code stats} shows what they do.
 */
@NullMarked
package io.pgnode.gateway;

import org.jspecify.annotations.NullMarked;
