package io.pgnode.gateway.route.core;

import io.pgnode.cluster.ClusterView;

/**
 * The cluster as the agent sees it.
 *
 * @param leaseDeadlineNanos the leader's lease lasts until then at least, on the gateway's
 *     monotonic clock; from then on nobody counts as primary
 */
public record ClusterSnapshot(ClusterView view, long leaseDeadlineNanos) {}
