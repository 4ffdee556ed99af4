package io.pgnode.gateway.pooler.console;

import org.jspecify.annotations.Nullable;

/**
 * A role that has logged in, or has settings of its own.
 *
 * @param poolSize null when it has none of its own
 * @param reserveSize the same
 * @param mode the same
 * @param maxServers zero for no limit
 * @param maxClients zero for no limit
 */
public record UserView(
        String name,
        @Nullable Integer poolSize,
        @Nullable Integer reserveSize,
        @Nullable String mode,
        int maxServers,
        int servers,
        int maxClients,
        int clients) {}
