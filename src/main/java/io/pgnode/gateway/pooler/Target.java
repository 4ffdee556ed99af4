package io.pgnode.gateway.pooler;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * Where the servers of a pool are, and how to log in there.
 *
 * @param address TCP or unix socket
 * @param database name of the database on the server
 * @param user the role
 * @param secret how to prove it
 * @param parameters further parameters of the startup message
 * @param connectLimit for connecting and logging in
 */
record Target(
        SocketAddress address,
        String database,
        String user,
        ServerSecret secret,
        Map<String, String> parameters,
        Duration connectLimit) {}
