package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Scope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many servers there may be in all, of each database and of each user. The limits themselves
 * are the pools', under the ledger's lock.
 */
final class ServerLimits {
    private final Scope node;
    private final Map<String, Scope> ofDatabases = new ConcurrentHashMap<>();
    private final Map<String, Scope> ofUsers = new ConcurrentHashMap<>();

    /**
     * @param most of all pools; zero for no limit
     */
    ServerLimits(int most) {
        this.node = new Scope("node", most);
    }

    /** Those that a pool counts for. */
    List<Scope> of(PoolerSetup by, DatabaseSettings database, String user) {
        return List.of(
                node,
                ofDatabases.computeIfAbsent(
                        database.name(),
                        name -> new Scope("max_db_connections of " + name, database.maxServers())),
                ofUsers.computeIfAbsent(
                        user,
                        name -> new Scope("max_user_connections of " + name, by.serversOf(name))));
    }

    /** From now on this counts. Under the ledger's lock. */
    void configure(PoolerSetup next) {
        ofDatabases.forEach(
                (name, scope) -> {
                    DatabaseSettings database = next.databases().apply(name);
                    scope.limit(database == null ? 0 : database.maxServers());
                });
        ofUsers.forEach((name, scope) -> scope.limit(next.serversOf(name)));
    }
}
