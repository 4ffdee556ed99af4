package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.CheckReport;
import io.pgnode.gateway.route.core.ServerSlot;
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
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /**
     * How a server is now.
     *
     * @param now monotonic nanoseconds, of the clock that the slot is kept with
     */
    public static ServerReport of(ServerSlot slot, long now, Counts counts) {
        return new ServerReport(
                slot.name(),
                slot.address(),
                slot.status(),
                slot.view().isBackup(),
                slot.weight(),
                slot.view().weight(),
                slot.connectionLimit(),
                slot.view().why(),
                slot.view().check(),
                slot.throttle(now),
                slot.timesDown(),
                (now - slot.changedNanos()) / NANOS_PER_SECOND,
                slot.downtimeNanos(now) / NANOS_PER_SECOND,
                counts);
    }

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
