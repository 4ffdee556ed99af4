package io.pgnode.supervisor;

import java.time.Duration;

/**
 * How long a child that ended has to wait: not at all the first time, so that an agent is back
 * within its lease; then longer and longer up to a second.
 *
 * @param failures how often in a row the child ended soon after its start
 */
record RestartDelay(int failures) {
    static final RestartDelay NONE = new RestartDelay(0);

    private static final Duration FIRST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    /** A child that ran this long had started well. */
    private static final Duration HEALTHY = Duration.ofSeconds(10);

    /** After the child ended. */
    RestartDelay ended(Duration ran) {
        return new RestartDelay(ran.compareTo(HEALTHY) >= 0 ? 1 : failures + 1);
    }

    Duration delay() {
        if (failures <= 1) {
            return Duration.ZERO;
        }
        Duration doubled = FIRST.multipliedBy(1L << Math.min(failures - 2, 10));
        return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }
}
