package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolSettings;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * A database that clients may ask for.
 *
 * @param name as clients call it
 * @param addresses of its servers
 * @param database name on the server
 * @param forcedUser role of all server connections; empty for the client's own
 * @param forcedSecret of that role
 * @param auth how roles that are in no file are looked up
 * @param settings of each server at its login
 * @param connectQuery run by each server right after its login; empty for none
 * @param maxServers most servers of all its pools; zero for no limit
 * @param maxClients most clients; zero for no limit
 */
record DatabaseSettings(
        String name,
        ServerAddresses addresses,
        ServerTls tls,
        String database,
        String forcedUser,
        ServerSecret forcedSecret,
        PoolMode mode,
        PoolSettings pool,
        Auth auth,
        Map<String, String> settings,
        String connectQuery,
        int maxServers,
        int maxClients,
        Duration connectLimit) {
    /**
     * @param user who asks; empty when nobody does
     * @param query with $1 for the role; gives its name and its secret
     * @param database the pooler's database that is asked; empty for this one
     */
    record Auth(String user, String query, String database) {
        static final Auth NONE = new Auth("", "", "");
    }

    /** Of its first server. */
    SocketAddress address() {
        return addresses.first();
    }

    /** The database at another pooler, which knows it by the same settings. */
    Target linked(ServerAddresses pooler, String user, ServerSecret secret) {
        return new Target(pooler, tls, name, user, secret, Map.of(), "", connectLimit, true, false);
    }

    /** Where a server of this database is opened for that role. */
    Target target(String user, ServerSecret secret) {
        return new Target(
                addresses,
                tls,
                database,
                user,
                secret,
                settings,
                connectQuery,
                connectLimit,
                false,
                false);
    }
}
