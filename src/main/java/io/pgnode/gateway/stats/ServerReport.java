package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.CheckReport;
import io.pgnode.gateway.route.core.ServerStatus;
import io.pgnode.model.HostPort;

/**
 * A server of a service.
 *
 * @param weight now; {@code initialWeight} as configured
 * @param limit most sessions; zero for none
 * @param why the status, for an operator
 * @param throttle percent of its share while it starts slowly; 100 when it has all
 */
public record ServerReport(
        String name,
        HostPort address,
        ServerStatus status,
        boolean isBackup,
        int weight,
        int initialWeight,
        int limit,
        String why,
        CheckReport check,
        int throttle,
        long timesDown,
        long changedSeconds,
        long downtimeSeconds,
        Counts counts) {

    /** Whether sessions may run there. */
    public boolean isUsable() {
        return switch (status) {
            case UP, NOLB, DRAIN -> true;
            case DOWN, MAINT -> false;
        };
    }

    /** Up and ready for new sessions. */
    public boolean isServing() {
        return weight > 0
                && switch (status) {
                    case UP, NOLB -> true;
                    case DOWN, MAINT, DRAIN -> false;
                };
    }
}
