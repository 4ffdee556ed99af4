package io.pgnode.gateway.pooler;

import java.time.Duration;

/**
 * Tells a round of checks that it comes late, because the loop or the whole machine stood still.
 * What clients sent meanwhile has not been read yet, so such a round must not judge anybody by the
 * time that passed: the next one does. Confined to its loop.
 */
final class StallWatch {
    private final long limitNanos;
    private long last;

    /**
     * @param limit between two rounds that are on time
     * @param now monotonic nanoseconds
     */
    StallWatch(Duration limit, long now) {
        this.limitNanos = limit.toNanos();
        this.last = now;
    }

    /** To be asked once in every round. */
    boolean isAfterStall(long now) {
        boolean isLate = now - last > limitNanos;
        last = now;
        return isLate;
    }
}
