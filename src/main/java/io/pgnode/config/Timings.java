package io.pgnode.config;

import java.time.Duration;

/**
 * The lease and the loop.
 *
 * @param ttl the lease, whole seconds
 * @param loopWait pause between two cycles without an event
 * @param retryTimeout how long one DCS or PostgreSQL operation is retried
 */
public record Timings(Duration ttl, Duration loopWait, Duration retryTimeout) {
    private static final Duration WATCHDOG_MARGIN = Duration.ofSeconds(5);

    /** The preset with the overrides of the file. */
    public static Timings of(HaConfig ha) {
        Timings preset = ha.preset().timings();
        return new Timings(
                ha.ttl().orElse(preset.ttl),
                ha.loopWait().orElse(preset.loopWait),
                ha.retryTimeout().orElse(preset.retryTimeout));
    }

    /** How long before the lease's end the kernel's watchdog resets the host. */
    public Duration watchdogMargin(HaConfig.WatchdogConfig watchdog) {
        return watchdogMargin(ttl, watchdog);
    }

    /**
     * The same for another lease, as the DCS may have it by now. Never more than {@link
     * #longestWatchdogMargin}.
     */
    public static Duration watchdogMargin(Duration ttl, HaConfig.WatchdogConfig watchdog) {
        Duration half = ttl.dividedBy(2);
        Duration wished =
                watchdog.safetyMargin()
                        .orElse(half.compareTo(WATCHDOG_MARGIN) < 0 ? half : WATCHDOG_MARGIN);
        Duration longest = longestWatchdogMargin(ttl);
        return wished.compareTo(longest) < 0 ? wished : longest;
    }

    /**
     * The watchdog is fed at each renewal, every fifth of the lease: one that is missed must not
     * reset the host.
     */
    static Duration longestWatchdogMargin(Duration ttl) {
        return ttl.multipliedBy(3).dividedBy(5);
    }

    /** The shortest lease under which nothing is left to chance. */
    public Duration shortestTtl() {
        return loopWait.plus(retryTimeout.multipliedBy(2));
    }
}
