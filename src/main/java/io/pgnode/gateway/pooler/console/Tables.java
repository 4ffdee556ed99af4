package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.core.LatencyHistogram;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The tables of pools, databases, connections and their like. */
final class Tables {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final long MILLION = 1_000_000;

    private Tables() {}

    static Table pools(PoolerAdmin admin) {
        Table table = Table.of(Topic.POOLS.columns());
        for (PoolView pool : admin.pools()) {
            long micros = pool.maxWaitNanos() / 1_000;
            table.row(
                    pool.database(),
                    pool.user(),
                    pool.clients(),
                    pool.waiting(),
                    pool.activeCancels(),
                    0,
                    pool.active(),
                    pool.activeCancels(),
                    pool.beingCancelled(),
                    pool.idle(),
                    0,
                    0,
                    pool.opening(),
                    micros / MILLION,
                    micros % MILLION,
                    pool.mode(),
                    null);
        }
        return table;
    }

    static Table databases(PoolerAdmin admin) {
        Table table = Table.of(Topic.DATABASES.columns());
        for (DatabaseView database : admin.databases()) {
            table.row(
                    database.name(),
                    database.host(),
                    database.port(),
                    database.database(),
                    database.forcedUser(),
                    database.poolSize(),
                    database.minPoolSize(),
                    database.reserveSize(),
                    database.lifetimeSeconds(),
                    database.mode(),
                    null,
                    database.maxServers(),
                    database.servers(),
                    database.maxClients(),
                    database.clients(),
                    database.isPaused(),
                    database.isDisabled());
        }
        return table;
    }

    static Table users(PoolerAdmin admin) {
        Table table = Table.of(Topic.USERS.columns());
        for (UserView user : admin.users()) {
            table.row(
                    user.name(),
                    user.poolSize(),
                    user.reserveSize(),
                    user.mode(),
                    user.maxServers(),
                    user.servers(),
                    user.maxClients(),
                    user.clients());
        }
        return table;
    }

    static Table config(List<ConfigLine> lines) {
        Table table = Table.of(Topic.CONFIG.columns());
        for (ConfigLine line : lines) {
            table.row(
                    line.key(), line.value(), line.otherwise(), line.isChangeable() ? "yes" : "no");
        }
        return table;
    }

    static Table memory(PoolerAdmin admin) {
        Table table = Table.of(Topic.MEM.columns());
        for (PoolerAdmin.Memory line : admin.memory()) {
            table.row(
                    line.name(),
                    line.size(),
                    line.used(),
                    line.free(),
                    Math.min(line.total(), Integer.MAX_VALUE));
        }
        return table;
    }

    static Table lists(PoolerAdmin admin) {
        List<PoolView> pools = admin.pools();
        int idle = pools.stream().mapToInt(PoolView::idle).sum();
        int used = pools.stream().mapToInt(pool -> pool.active() + pool.opening()).sum();
        int clients = admin.clients();
        return Table.of(Topic.LISTS.columns())
                .row("databases", admin.databases().size())
                .row("users", admin.users().size())
                .row("peers", 0)
                .row("pools", pools.size())
                .row("peer_pools", 0)
                .row("free_clients", Math.max(0, admin.maxClients() - clients))
                .row("used_clients", clients)
                .row("login_clients", admin.loginClients())
                .row("free_servers", 0)
                .row("used_servers", idle + used)
                .row("dns_names", 0)
                .row("dns_zones", 0)
                .row("dns_queries", 0)
                .row("dns_pending", 0);
    }

    static Table state(PoolerAdmin admin) {
        boolean paused = admin.isPaused(null);
        return Table.of(Topic.STATE.columns())
                .row("active", paused ? "no" : "yes")
                .row("paused", paused ? "yes" : "no")
                .row("suspended", "no");
    }

    static Table holds(PoolerAdmin admin) {
        Table table = Table.of(Topic.HOLDS.columns());
        for (HoldView hold : admin.holds()) {
            table.row(
                    hold.scope(),
                    hold.state().name(),
                    String.join(",", hold.owners()),
                    hold.waiting(),
                    hold.open(),
                    hold.leftMillis() < 0 ? null : hold.leftMillis());
        }
        return table;
    }

    static Table histograms(PoolerAdmin admin) {
        Table table = Table.of(Topic.HISTOGRAMS.columns());
        for (PoolerAdmin.Latencies pool : admin.latencies()) {
            histogram(table, pool, "queue", pool.queue());
            histogram(table, pool, "link", pool.link());
            histogram(table, pool, "server", pool.server());
            histogram(table, pool, "write", pool.write());
        }
        return table;
    }

    private static void histogram(
            Table table, PoolerAdmin.Latencies pool, String phase, LatencyHistogram times) {
        table.row(
                pool.database(),
                pool.user(),
                phase,
                times.count(),
                times.sumNanos() / 1_000,
                times.quantileMicros(0.5),
                times.quantileMicros(0.9),
                times.quantileMicros(0.99),
                times.quantileMicros(0.999),
                times.maxNanos() / 1_000);
    }

    static Table explain(PoolerAdmin admin, Command.Explain what) {
        Table table = Table.of(Topic.EXPLAIN.columns());
        for (PoolView pool : admin.pools()) {
            if (isMeant(what.database(), pool.database()) && isMeant(what.user(), pool.user())) {
                table.row(
                        pool.database(),
                        pool.user(),
                        pool.waiting(),
                        pool.maxWaitNanos() / 1_000,
                        pool.active(),
                        pool.idle(),
                        pool.opening(),
                        pool.size(),
                        pool.reserve(),
                        pool.limit(),
                        pool.why());
            }
        }
        return table;
    }

    private static boolean isMeant(String wanted, String name) {
        return wanted.isEmpty() || wanted.equals(name);
    }

    /** Clients, servers, or both. */
    static Table sockets(Topic topic, List<SocketView> sockets) {
        Table table = Table.of(topic.columns());
        for (SocketView socket : sockets) {
            boolean wanted =
                    switch (topic) {
                        case CLIENTS -> socket.isClient();
                        case SERVERS -> !socket.isClient();
                        case ACTIVE_SOCKETS -> socket.state().equals("active");
                        default -> true;
                    };
            if (wanted) {
                List<@Nullable Object> row = socket(socket);
                while (row.size() < topic.columns().size()) {
                    row.add(0);
                }
                table.row(row.toArray());
            }
        }
        return table;
    }

    private static List<@Nullable Object> socket(SocketView socket) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add(socket.isClient() ? "C" : "S");
        row.add(socket.user());
        row.add(socket.database());
        row.add("none");
        row.add(socket.state());
        row.add(socket.address());
        row.add(socket.port());
        row.add(socket.localAddress());
        row.add(socket.localPort());
        row.add(time(socket.connected()));
        row.add(time(socket.lastRequest()));
        row.add(socket.waitMicros() / MILLION);
        row.add(socket.waitMicros() % MILLION);
        row.add(socket.isDoomed());
        row.add(pointer(socket.id()));
        row.add(socket.peer() == 0 ? "" : pointer(socket.peer()));
        row.add(socket.processId());
        row.add(socket.tls());
        row.add(socket.applicationName());
        row.add(socket.prepared());
        row.add(socket.id());
        return row;
    }

    private static String time(Instant instant) {
        return TIME.format(instant);
    }

    private static String pointer(long id) {
        return String.format(Locale.ROOT, "0x%012x", id);
    }
}
