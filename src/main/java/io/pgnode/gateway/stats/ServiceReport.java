package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.Dispatcher;
import io.pgnode.gateway.route.core.ServerSlot;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.net.Gate;
import java.util.List;
import java.util.function.Function;

/**
 * A service: HAProxy's frontend and backend of one name.
 *
 * @param isOpen whether its listeners accept
 * @param limit most client connections
 * @param queueLimit zero for none
 * @param changedSeconds since it went up or down
 */
public record ServiceReport(
        String name,
        ServiceMode mode,
        String binds,
        String balance,
        boolean isOpen,
        boolean isUp,
        int limit,
        int queueLimit,
        long timesDown,
        long changedSeconds,
        long downtimeSeconds,
        Counts frontend,
        Counts backend,
        List<ServerReport> servers) {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    public ServiceReport {
        servers = List.copyOf(servers);
    }

    /**
     * How a service is now.
     *
     * @param now monotonic nanoseconds, of the clock that the dispatcher is kept with
     * @param counts of a server
     */
    public static ServiceReport of(
            ServiceSpec spec,
            Gate gate,
            Dispatcher<?> dispatcher,
            long now,
            Counts frontend,
            Counts backend,
            Function<ServerSlot, Counts> counts) {
        return new ServiceReport(
                spec.name(),
                spec.mode(),
                String.join(", ", spec.binds()),
                spec.balance().text(),
                gate.isOpen(),
                dispatcher.isUp(),
                gate.limit(),
                spec.limits().queue(),
                dispatcher.timesDown(),
                (now - dispatcher.changedNanos()) / NANOS_PER_SECOND,
                dispatcher.downtimeNanos(now) / NANOS_PER_SECOND,
                frontend,
                backend,
                dispatcher.servers().stream()
                        .map(slot -> ServerReport.of(slot, now, counts.apply(slot)))
                        .toList());
    }

    /** Servers that take sessions, backups or not. */
    public long serving(boolean backups) {
        return servers.stream()
                .filter(server -> server.isBackup() == backups && server.isServing())
                .count();
    }

    /** The sum of the weights of those that take sessions now. */
    public long weight() {
        boolean hasActive = serving(false) > 0;
        return servers.stream()
                .filter(server -> server.isServing() && server.isBackup() != hasActive)
                .mapToLong(ServerReport::weight)
                .sum();
    }
}
