package io.pgnode.gateway.pooler.console;

import org.jspecify.annotations.Nullable;

/**
 * A database at one moment.
 *
 * @param host null for the local unix socket
 * @param forcedUser null when clients' own roles are used
 * @param lifetimeSeconds of servers
 * @param maxServers zero for no limit
 * @param maxClients zero for no limit
 */
public record DatabaseView(
        String name,
        @Nullable String host,
        int port,
        String database,
        @Nullable String forcedUser,
        int poolSize,
        int minPoolSize,
        int reserveSize,
        long lifetimeSeconds,
        @Nullable String mode,
        int maxServers,
        int servers,
        int maxClients,
        int clients,
        boolean isPaused,
        boolean isDisabled) {}
