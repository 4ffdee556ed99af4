package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolServer;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which pools there are, and where their servers are. Thread-safe. */
final class KnownPools {
    private final PoolLedger ledger;
    private final ConsoleDesk desk;
    private final ServerLimits limits;
    private final Map<PoolKey, KnownPool> pools = new ConcurrentHashMap<>();
    private final Map<String, Route> routes = new ConcurrentHashMap<>();

    /** Guards which pools there are, and where their servers are. Taken before all others. */
    private final ReentrantLock routing = new ReentrantLock();

    /**
     * @param maxServers of all pools; zero for no limit
     */
    KnownPools(PoolLedger ledger, ConsoleDesk desk, int maxServers) {
        this.ledger = ledger;
        this.desk = desk;
        this.limits = new ServerLimits(maxServers);
    }

    /** Null when it was removed. */
    @Nullable KnownPool find(PoolKey key) {
        return pools.get(key);
    }

    /** A live view. */
    Collection<KnownPool> all() {
        return pools.values();
    }

    /**
     * The pool for a client, which is new when nobody needed it before.
     *
     * @param secret that the client has proved to know
     * @param target where its servers are to be found, as in {@link PoolKey#target}
     */
    KnownPool of(
            PoolerSetup by,
            DatabaseSettings database,
            String user,
            ServerSecret secret,
            String target) {
        // Elsewhere it is the other pooler that logs in as another role.
        boolean isForced = target.equals(PoolKey.LOCAL) && !database.forcedUser().isEmpty();
        String serverUser = isForced ? database.forcedUser() : user;
        ServerSecret serverSecret = isForced ? database.forcedSecret() : secret;
        PoolKey key = new PoolKey(target, database.name(), serverUser);
        KnownPool known = pools.get(key);
        if (known == null) {
            known = create(by, database, serverSecret, key);
        }
        known.proved(serverSecret);
        known.used(System.nanoTime());
        return known;
    }

    private KnownPool create(
            PoolerSetup by, DatabaseSettings database, ServerSecret secret, PoolKey key) {
        routing.lock();
        try {
            KnownPool known = pools.get(key);
            if (known != null) {
                return known;
            }
            Pool<ClientSession, ServerSession> pool =
                    ledger.add(
                            key,
                            by.pool(database, key.user()),
                            limits.of(by, database, key.user()));
            KnownPool created = new KnownPool(desk.created(pool, database), database, secret);
            place(created);
            pools.put(key, created);
            return created;
        } finally {
            routing.unlock();
        }
    }

    private void remove(PoolKey key, KnownPool known, long now) {
        pools.remove(key, known);
        desk.records().remove(known.pool());
        ledger.with(all -> all.remove(known.pool(), now));
    }

    /** Of pools that nobody has used for long nothing is kept. */
    void forgetIdle(PoolLife life, long now) {
        pools.forEach(
                (key, known) -> {
                    long limit = life.of(key.database()).toNanos();
                    if (limit <= 0 || desk.records().isUsed(known.pool())) {
                        known.used(now);
                    } else if (now - known.usedAt() >= limit) {
                        remove(key, known, now);
                    }
                });
    }

    // ---------------------------------------------------------------- where servers are

    /**
     * Where the servers of a target are from now on; null when nobody serves it: then clients wait,
     * and servers stay for the case that the same route comes back.
     *
     * @param endsBusy transactions on servers of another route are ended at once
     */
    void route(String target, @Nullable Route route, boolean endsBusy) {
        routing.lock();
        try {
            if (route == null) {
                routes.remove(target);
            } else {
                routes.put(target, route);
            }
            at(target).forEach(this::place);
        } finally {
            routing.unlock();
        }
        if (endsBusy) {
            endOutdated(target);
        }
    }

    private Stream<KnownPool> at(String target) {
        return pools.values().stream().filter(known -> known.pool().key().target().equals(target));
    }

    /** Under the lock. */
    private void place(KnownPool known) {
        Pool<ClientSession, ServerSession> pool = known.pool();
        Route now = routeTo(pool.key().target());
        long nanos = System.nanoTime();
        if (now == null) {
            ledger.with(all -> all.unroute(pool));
            return;
        }
        boolean isElsewhere = known.route(now);
        ledger.with(
                all -> {
                    if (isElsewhere) {
                        all.renew(pool, "route changed", nanos);
                    }
                    all.route(pool, nanos);
                });
    }

    /** Null when nobody serves that target. */
    @Nullable Route routeTo(String target) {
        return target.equals(PoolKey.LOCAL) ? Route.OWN : routes.get(target);
    }

    private void endOutdated(String target) {
        for (ServerSession server : desk.servers()) {
            PoolServer<ServerSession> seat = server.seat();
            if (seat.isOutdated() && seat.pool().key().target().equals(target)) {
                server.channel().eventLoop().execute(server::outdated);
            }
        }
    }

    /** Those who wait for servers of this target ask anew where theirs are. */
    void dismiss(String target) {
        ledger.with(all -> at(target).map(KnownPool::pool).forEach(all::dismiss));
    }

    /** Clients that wait for servers of this target. */
    int waiting(String target) {
        return ledger.look(_ -> at(target).map(KnownPool::pool).mapToInt(Pool::waiting).sum());
    }

    // ---------------------------------------------------------------- what they are to be like

    /**
     * Pools get their new sizes, servers of databases that moved are closed as they are released,
     * and pools of databases that are gone are removed.
     */
    void reconfigure(PoolerSetup next) {
        long now = System.nanoTime();
        pools.forEach(
                (key, known) -> {
                    DatabaseSettings database = next.databases().apply(key.database());
                    if (database == null
                            || key.target().equals(PoolKey.LOCAL)
                                    && isOfOther(database, key.user())) {
                        remove(key, known, now);
                    } else {
                        reconfigure(known, next, database, now);
                    }
                });
        ledger.with(_ -> limits.configure(next));
    }

    private static boolean isOfOther(DatabaseSettings database, String user) {
        return !database.forcedUser().isEmpty() && !database.forcedUser().equals(user);
    }

    private void reconfigure(
            KnownPool known, PoolerSetup next, DatabaseSettings database, long now) {
        Pool<ClientSession, ServerSession> pool = known.pool();
        Target before = known.target();
        known.database(database);
        Target after = known.target();
        boolean isMoved = before != null && after != null && !after.isSameAs(before);
        desk.records().configured(pool, database);
        ledger.with(all -> all.configure(pool, next.pool(database, pool.key().user()), now));
        if (isMoved) {
            known.forgetWelcome();
            ledger.with(all -> all.renew(pool, "database configuration changed", now));
        }
    }

    /** Looks the names of servers up again. Blocking. */
    void refreshNames() {
        pools.values().stream()
                .map(KnownPool::target)
                .filter(Objects::nonNull)
                .map(Target::addresses)
                .filter(ServerAddresses::hasNames)
                .distinct()
                .forEach(ServerAddresses::refresh);
    }
}
