package io.pgnode.gateway.stats;

/**
 * A session.
 *
 * @param server empty while it waits for one
 */
public record SessionReport(
        String id,
        String client,
        String service,
        String server,
        String state,
        long ageSeconds,
        long idleSeconds,
        long bytesIn,
        long bytesOut) {}
