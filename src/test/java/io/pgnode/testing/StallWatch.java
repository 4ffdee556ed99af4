package io.pgnode.testing;

import java.time.Duration;

/**
 * Notices when the whole machine stood still, or this JVM: a measurement that fell into such a
 * moment says nothing about what was measured.
 */
public final class StallWatch implements AutoCloseable {
    private static final int PERIOD_MILLIS = 10;

    private volatile boolean stopped;
    private volatile long longestNanos;

    private StallWatch() {}

    /** Watches until closed. */
    public static StallWatch start() {
        var watch = new StallWatch();
        Thread.ofPlatform().daemon().name("stall-watch").start(watch::run);
        return watch;
    }

    /** The longest time by which a short sleep came late so far. */
    public Duration longest() {
        return Duration.ofNanos(longestNanos);
    }

    @Override
    public void close() {
        stopped = true;
    }

    private void run() {
        while (!stopped) {
            long start = System.nanoTime();
            Waiting.pause(PERIOD_MILLIS);
            longestNanos =
                    Math.max(longestNanos, System.nanoTime() - start - PERIOD_MILLIS * 1_000_000L);
        }
    }
}
