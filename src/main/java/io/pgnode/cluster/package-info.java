/**
 * Immutable snapshots of what the DCS says about the cluster: {@link io.pgnode.cluster.ClusterView}
 * and its parts.
 *
 * <p>Pure: decoded from the DCS by {@code dcs}, decided on by {@code ha}, served by {@code agent}.
 */
@NullMarked
package io.pgnode.cluster;

import org.jspecify.annotations.NullMarked;
