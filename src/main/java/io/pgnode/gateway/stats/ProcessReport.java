package io.pgnode.gateway.stats;

/**
 * The gateway's process.
 *
 * @param node name of this node
 * @param startSeconds since 1970
 * @param connectionLimit the sum of the services' limits
 * @param listeners open ones
 * @param heapBytes in use
 * @param idlePercent of the time of the event loops since the last report
 */
public record ProcessReport(
        String node,
        String version,
        long pid,
        int threads,
        long startSeconds,
        long uptimeSeconds,
        long connectionLimit,
        long connections,
        long connectionsTotal,
        long rate,
        long maxRate,
        int listeners,
        long heapBytes,
        long maxHeapBytes,
        long bytesOut,
        int idlePercent) {}
