/**
 * Who serves a client: services, what is known of their servers, and which server a session gets.
 *
 * <p>Pure: no I/O, no clocks, no randomness. Read {@link io.pgnode.gateway.route.core.ServiceSpec},
 * {@link io.pgnode.gateway.route.core.ServerView}, {@link
 * io.pgnode.gateway.route.core.ClusterRoutes}, {@link io.pgnode.gateway.route.core.Dispatcher}.
 */
@NullMarked
package io.pgnode.gateway.route.core;

import org.jspecify.annotations.NullMarked;
