package io.pgnode.gateway.stats;

import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of a frontend, a backend or a server. The bytes may be added by any thread; all else
 * is behind the service's lock.
 */
public final class Tally {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    public final LongAdder bytesIn = new LongAdder();
    public final LongAdder bytesOut = new LongAdder();
    public final Average queueMillis = new Average();
    public final Average connectMillis = new Average();
    public final Average totalMillis = new Average();
    final Rate rate = new Rate();
    public long queued;
    public long maxQueued;
    public long sessions;
    public long maxSessions;
    public long sessionsTotal;
    public long refused;
    public long connectErrors;
    public long retries;
    public long redispatches;
    public long chosen;
    public long attempts;
    public long clientAborts;
    public long serverAborts;
    private long lastSessionNanos;
    private boolean hadSession;

    public void opened(long nowNanos) {
        sessions++;
        maxSessions = Math.max(maxSessions, sessions);
        sessionsTotal++;
        rate.add(nowNanos);
        lastSessionNanos = nowNanos;
        hadSession = true;
    }

    public void closed() {
        sessions--;
    }

    public void queued(long now) {
        queued = now;
        maxQueued = Math.max(maxQueued, now);
    }

    public static long millis(long nanos) {
        return nanos / NANOS_PER_MILLI;
    }

    public void clear(boolean all) {
        maxQueued = queued;
        maxSessions = sessions;
        rate.clearMax();
        queueMillis.clearMax();
        connectMillis.clearMax();
        totalMillis.clearMax();
        if (all) {
            bytesIn.reset();
            bytesOut.reset();
            sessionsTotal = 0;
            refused = 0;
            connectErrors = 0;
            retries = 0;
            redispatches = 0;
            chosen = 0;
            attempts = 0;
            clientAborts = 0;
            serverAborts = 0;
        }
    }

    public Counts counts(long nowNanos) {
        return counts(nowNanos, bytesIn.sum(), bytesOut.sum());
    }

    /** For who counts the bytes elsewhere. */
    public Counts counts(long nowNanos, long received, long sent) {
        return new Counts(
                queued,
                maxQueued,
                sessions,
                maxSessions,
                sessionsTotal,
                received,
                sent,
                refused,
                connectErrors,
                retries,
                redispatches,
                chosen,
                attempts,
                rate.value(nowNanos),
                rate.max(),
                clientAborts,
                serverAborts,
                hadSession ? (nowNanos - lastSessionNanos) / NANOS_PER_SECOND : -1,
                queueMillis.value(),
                connectMillis.value(),
                totalMillis.value(),
                queueMillis.max(),
                connectMillis.max(),
                totalMillis.max());
    }
}
