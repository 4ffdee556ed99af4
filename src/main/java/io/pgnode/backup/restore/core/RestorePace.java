package io.pgnode.backup.restore.core;

import java.time.Duration;

/**
 * How long a restore takes, roughly: for a plan, where nothing has been measured yet.
 *
 * <p>The figures are those of a small machine with zst; a store behind a network may be slower.
 */
public final class RestorePace {
    /** What a worker writes, bytes a second. */
    private static final long WORKER_BYTES = 250_000_000;

    /** Where disks end to follow, bytes a second. */
    private static final long DISK_BYTES = 2_000_000_000;

    /** What replay gets through, segments' bytes a second. */
    private static final long REPLAY_BYTES = 160_000_000;

    /** What was done in less says little of the rest. */
    private static final Duration MEASURED = Duration.ofSeconds(2);

    private RestorePace() {}

    /** Of the copy alone. */
    public static Duration copy(long bytes, int workers) {
        return seconds(bytes, Math.min(DISK_BYTES, WORKER_BYTES * Math.max(1, workers)));
    }

    /** Of the replay of WAL. */
    public static Duration replay(long bytes) {
        return seconds(bytes, REPLAY_BYTES);
    }

    /**
     * What is left, by what was done so far.
     *
     * @return zero when nothing can be said yet
     */
    public static Duration left(long done, long total, Duration elapsed) {
        if (done <= 0 || total <= done || elapsed.compareTo(MEASURED) < 0) {
            return Duration.ZERO;
        }
        return Duration.ofMillis((long) (elapsed.toMillis() * ((double) (total - done) / done)));
    }

    private static Duration seconds(long bytes, long perSecond) {
        return Duration.ofMillis((long) (bytes * 1000.0 / perSecond));
    }
}
