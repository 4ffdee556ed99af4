package io.pgnode.cluster;

/**
 * The cluster as the agent of a node sees it.
 *
 * @param leaseDeadlineNanos on CLOCK_BOOTTIME, the same for all processes of the node: where this
 *     member leads, its lease lasts until then at least; where another one does, the view was fresh
 *     enough until then to trust its leader. From then on nobody counts as primary
 */
public record ClusterSnapshot(ClusterView view, long leaseDeadlineNanos) {}
