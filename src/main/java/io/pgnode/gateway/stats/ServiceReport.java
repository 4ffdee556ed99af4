package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.ServiceMode;
import java.util.List;

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

    public ServiceReport {
        servers = List.copyOf(servers);
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
