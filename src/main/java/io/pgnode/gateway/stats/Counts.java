package io.pgnode.gateway.stats;

/**
 * The numbers of a frontend, a backend or a server; what does not apply is zero.
 *
 * @param queued clients that wait
 * @param sessions now; {@code sessionsTotal} since the start
 * @param bytesIn from clients; {@code bytesOut} to them
 * @param refused clients that got no place
 * @param connectErrors attempts to connect that failed
 * @param retries further attempts on the same server; {@code redispatches} on another one
 * @param chosen how often it was selected by balancing
 * @param attempts connections tried
 * @param rate sessions in the last second
 * @param clientAborts sessions whose client broke off
 * @param serverAborts sessions whose server broke off
 * @param lastSessionSeconds since the last session began; -1 for never
 * @param queueMillis average over the last 1024 sessions, as the following ones
 * @param totalMillis length of sessions
 * @param maxQueueMillis the longest, as the following ones
 */
public record Counts(
        long queued,
        long maxQueued,
        long sessions,
        long maxSessions,
        long sessionsTotal,
        long bytesIn,
        long bytesOut,
        long refused,
        long connectErrors,
        long retries,
        long redispatches,
        long chosen,
        long attempts,
        long rate,
        long maxRate,
        long clientAborts,
        long serverAborts,
        long lastSessionSeconds,
        long queueMillis,
        long connectMillis,
        long totalMillis,
        long maxQueueMillis,
        long maxConnectMillis,
        long maxTotalMillis) {}
