/**
 * Where knowledge about members comes from, and how it reaches the services.
 *
 * <p>{@link io.pgnode.gateway.route.Router} asks a {@link io.pgnode.gateway.route.RouteSource} (the
 * cluster's view, or the REST checks of a static list) and gives the answer to each service. What
 * follows from it is decided in {@code route.core}.
 */
@NullMarked
package io.pgnode.gateway.route;

import org.jspecify.annotations.NullMarked;
