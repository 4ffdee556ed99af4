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
        Duration half = ttl.dividedBy(2);
        return watchdog.safetyMargin()
                .orElse(half.compareTo(WATCHDOG_MARGIN) < 0 ? half : WATCHDOG_MARGIN);
    }

    /** The shortest lease under which nothing is left to chance. */
    public Duration shortestTtl() {
        return loopWait.plus(retryTimeout.multipliedBy(2));
    }
}
