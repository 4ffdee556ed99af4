/**
 * The decisions of high availability, as pure functions.
 *
 * <p>{@link io.pgnode.ha.LocalState} and {@link io.pgnode.cluster.ClusterView} are what a member
 * knows. The {@code agent} room performs the decisions; the simulation in the tests runs both
 * against a fake world.
 */
@NullMarked
package io.pgnode.ha;

import org.jspecify.annotations.NullMarked;
