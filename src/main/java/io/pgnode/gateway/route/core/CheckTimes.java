package io.pgnode.gateway.route.core;

import java.time.Duration;

/**
 * When to check a member, in HAProxy's words.
 *
 * @param inter between checks of a member that is up
 * @param fast between checks while its condition is about to change
 * @param down between checks of a member that is down
 * @param timeout for one check
 * @param rise good checks in a row until it is up
 * @param fall bad checks in a row until it is down
 */
public record CheckTimes(
        Duration inter, Duration fast, Duration down, Duration timeout, int rise, int fall) {
    /** Pigsty's plan {@code norm}. */
    public static final CheckTimes DEFAULT =
            new CheckTimes(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    3,
                    3);

    public CheckTimes {
        if (rise < 1 || fall < 1) {
            throw new IllegalArgumentException("rise and fall must be at least 1");
        }
    }
}
