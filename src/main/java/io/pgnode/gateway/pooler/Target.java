package io.pgnode.gateway.pooler;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the servers of a pool are, and how to log in there.
 *
 * @param addresses TCP or unix sockets
 * @param database name of the database on the server
 * @param user the role
 * @param secret how to prove it
 * @param parameters further parameters of the startup message
 * @param connectQuery run right after the login; empty for none
 * @param connectLimit for connecting and logging in
 * @param isLink it is another pooler
 * @param isPrimary a server that is in recovery is none of these
 */
record Target(
        ServerAddresses addresses,
        ServerTls tls,
        String database,
        String user,
        ServerSecret secret,
        Map<String, String> parameters,
        String connectQuery,
        Duration connectLimit,
        boolean isLink,
        boolean isPrimary) {
    /** The same, but never in recovery. */
    Target primary() {
        return new Target(
                addresses,
                tls,
                database,
                user,
                secret,
                parameters,
                connectQuery,
                connectLimit,
                isLink,
                true);
    }

    /** The address of the next connection. */
    SocketAddress address() {
        return addresses.next();
    }

    /** A replication connection there, with what its client asked for. */
    Target replicating(StartupSettings asked) {
        Map<String, String> its = new LinkedHashMap<>(parameters);
        its.putAll(asked.values());
        its.put("replication", asked.replication());
        return new Target(
                addresses, tls, database, user, secret, its, "", connectLimit, isLink, false);
    }

    /** Whether servers of the one serve as servers of the other; secrets do not matter. */
    boolean isSameAs(Target other) {
        return addresses.isSameAs(other.addresses)
                && tls.mode() == other.tls.mode()
                && database.equals(other.database)
                && user.equals(other.user)
                && parameters.equals(other.parameters)
                && connectQuery.equals(other.connectQuery);
    }
}
