package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolSettings;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * A database that clients may ask for.
 *
 * @param name as clients call it
 * @param address of its server
 * @param database name on the server
 * @param forcedUser role of all server connections; empty for the client's own
 * @param forcedSecret of that role
 */
record DatabaseSettings(
        String name,
        SocketAddress address,
        String database,
        String forcedUser,
        ServerSecret forcedSecret,
        PoolMode mode,
        PoolSettings pool,
        Duration connectLimit) {}
