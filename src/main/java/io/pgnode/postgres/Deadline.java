package io.pgnode.postgres;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A moment on a monotonic clock by which something must be done. */
record Deadline(LongSupplier clock, long atNanos) {
    /** A condition that may need to look at files. */
    interface Condition {
        boolean holds() throws PostgresException;
    }

    static Deadline in(Duration time, LongSupplier clock) {
        long now = clock.getAsLong();
        long nanos =
                time.compareTo(Duration.ofDays(10_000)) > 0 ? Long.MAX_VALUE / 4 : time.toNanos();
        return new Deadline(clock, now + nanos);
    }

    boolean hasPassed() {
        return clock.getAsLong() - atNanos >= 0;
    }

    /** Never negative. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, atNanos - clock.getAsLong()));
    }

    /** The rest of the time, at most {@code limit}, at least a millisecond. */
    Duration leftAtMost(Duration limit) {
        Duration left = left();
        Duration bounded = left.compareTo(limit) < 0 ? left : limit;
        return bounded.isZero() ? Duration.ofMillis(1) : bounded;
    }

    /** Looks at the condition every {@code pollMillis}; false when the deadline passed first. */
    boolean await(Condition condition, long pollMillis) throws PostgresException {
        while (!condition.holds()) {
            if (hasPassed()) {
                return false;
            }
            pause(pollMillis);
        }
        return true;
    }

    private static void pause(long millis) throws PostgresException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while waiting for PostgreSQL", e);
        }
    }
}
