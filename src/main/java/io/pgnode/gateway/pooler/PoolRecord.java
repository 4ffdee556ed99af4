package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.console.PoolView;
import io.pgnode.gateway.pooler.console.PoolerAdmin;
import io.pgnode.gateway.pooler.core.Hold;
import io.pgnode.gateway.pooler.core.LatencyHistogram;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolClient;
import io.pgnode.gateway.pooler.core.PoolCounters;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolTotals;
import io.pgnode.gateway.pooler.core.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A pool with its counters, one set a loop. Thread-safe but for {@link #view}. */
final class PoolRecord {
    private final Pool<ClientSession, ServerSession> pool;
    private volatile DatabaseSettings database;
    private final List<PoolCounters> counters = new ArrayList<>();

    PoolRecord(Pool<ClientSession, ServerSession> pool, DatabaseSettings database, int loops) {
        this.pool = pool;
        this.database = database;
        for (int i = 0; i < loops; i++) {
            counters.add(new PoolCounters());
        }
    }

    Pool<ClientSession, ServerSession> pool() {
        return pool;
    }

    DatabaseSettings database() {
        return database;
    }

    void database(DatabaseSettings settings) {
        database = settings;
    }

    /** Of the database, as clients call it. */
    String name() {
        return pool.key().database();
    }

    /** Pools of one database and user must not look the same: their target tells them apart. */
    String shown() {
        String target = pool.key().target();
        return target.equals(PoolKey.LOCAL) ? name() : name() + "@" + target;
    }

    PoolCounters counters(int loop) {
        return counters.get(loop);
    }

    /** That are logged in, waiting ones, too. */
    int clients() {
        return counters.stream().mapToInt(each -> each.clients).sum();
    }

    PoolTotals totals() {
        return counters.stream()
                .map(PoolCounters::totals)
                .reduce(PoolTotals.ZERO, PoolTotals::plus);
    }

    private LatencyHistogram sum(Function<PoolCounters, LatencyHistogram> which) {
        LatencyHistogram sum = new LatencyHistogram();
        counters.forEach(each -> sum.add(which.apply(each)));
        return sum;
    }

    /**
     * Under the ledger's lock.
     *
     * @param name of the database
     * @param cancels requests under way, and servers kept back because of them
     */
    PoolView view(String name, int[] cancels, long now) {
        PoolClient<ClientSession> longest = pool.longestWaiting();
        int clients = clients();
        String limit = limit(now);
        return new PoolView(
                name,
                pool.key().user(),
                name(database.mode()),
                Math.max(0, clients - pool.waiting()),
                pool.waiting(),
                cancels[0],
                pool.active() - cancels[1],
                cancels[1],
                pool.idle(),
                pool.opening(),
                pool.settings().size(),
                pool.settings().reserve(),
                longest == null ? 0 : Math.max(0, now - longest.since()),
                limit,
                why(limit),
                totals());
    }

    PoolerAdmin.Latencies latencies() {
        return new PoolerAdmin.Latencies(
                shown(),
                pool.key().user(),
                sum(each -> each.queue),
                sum(each -> each.link),
                sum(each -> each.server),
                sum(each -> each.write));
    }

    static String name(PoolMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    /** What keeps the longest-waiting client waiting. */
    private String limit(long now) {
        PoolClient<ClientSession> longest = pool.longestWaiting();
        int size = pool.settings().size();
        if (longest == null) {
            return "";
        }
        if (pool.isHeld()) {
            return pool.holds().contains(DatabaseStops.PAUSE) ? "paused" : "held";
        }
        if (!pool.isRouted()) {
            return "nowhere";
        }
        if (pool.lastFailure() != null) {
            return "unreachable";
        }
        if (pool.total() >= size + pool.settings().reserve()) {
            return pool.settings().reserve() == 0 ? "pool_size" : "reserve_pool_size";
        }
        if (pool.total() >= size && now - longest.since() < pool.settings().reserveAfter()) {
            return "reserve_pool_timeout";
        }
        Scope full = pool.fullScope();
        if (full != null) {
            return full.name();
        }
        return pool.opening() > 0 ? "login" : "opening";
    }

    private String why(String limit) {
        return switch (limit) {
            case "" -> "nobody waits";
            case "paused" -> "the pool gives out no servers until RESUME";
            case "nowhere" -> "nobody serves it at present";
            case "held" ->
                    "no transaction begins until its holds end: "
                            + pool.holds().stream()
                                    .map(Hold::owner)
                                    .collect(Collectors.joining(", "));
            case "unreachable" -> "no server can be opened: " + pool.lastFailure();
            case "pool_size", "reserve_pool_size" ->
                    "all " + pool.total() + " servers that the pool may have are in use";
            case "reserve_pool_timeout" ->
                    "all "
                            + pool.settings().size()
                            + " servers are in use, the reserve opens after "
                            + pool.settings().reserveAfter() / 1_000_000
                            + " ms";
            case "login" -> pool.opening() + " servers are being opened";
            case "opening" -> "as many servers as allowed are being opened for other pools";
            default -> {
                Scope full = pool.fullScope();
                yield full == null
                        ? "a server is on its way"
                        : full.used()
                                + " of "
                                + full.limit()
                                + " servers of "
                                + full.name()
                                + " are open, none of another pool is idle";
            }
        };
    }

    /** The console's own pool, which has no servers. */
    static PoolView ofConsole(int clients) {
        return new PoolView(
                PoolerAdmin.CONSOLE,
                PoolerAdmin.CONSOLE,
                "statement",
                clients,
                0,
                0,
                0,
                0,
                0,
                0,
                2,
                0,
                0,
                "",
                "nobody waits",
                PoolTotals.ZERO);
    }
}
