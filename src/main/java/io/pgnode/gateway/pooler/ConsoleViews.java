package io.pgnode.gateway.pooler;

import io.netty.buffer.PooledByteBufAllocator;
import io.pgnode.gateway.pooler.console.ConfigLine;
import io.pgnode.gateway.pooler.console.ConsoleSession;
import io.pgnode.gateway.pooler.console.DatabaseView;
import io.pgnode.gateway.pooler.console.PoolView;
import io.pgnode.gateway.pooler.console.PoolerAdmin;
import io.pgnode.gateway.pooler.console.UserView;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the console shows of pools, databases and users. Thread-safe. */
final class ConsoleViews {
    private static final long NANOS_OF_SECOND = 1_000_000_000L;

    private final Pooler pooler;
    private final PoolRecords pools;
    private final DatabaseStops stops;
    private final ClientRegistry clients;
    private final Collection<ServerSession> servers;
    private final Collection<ConsoleSession> consoles;
    private volatile Supplier<Collection<DatabaseSettings>> declared = List::of;
    private volatile Supplier<List<ConfigLine>> config = List::of;

    /**
     * @param servers a live view
     * @param consoles a live view
     */
    ConsoleViews(
            Pooler pooler,
            PoolRecords pools,
            DatabaseStops stops,
            ClientRegistry clients,
            Collection<ServerSession> servers,
            Collection<ConsoleSession> consoles) {
        this.pooler = pooler;
        this.pools = pools;
        this.stops = stops;
        this.clients = clients;
        this.servers = servers;
        this.consoles = consoles;
    }

    /**
     * From now on these are shown, too.
     *
     * @param declaredOnes databases of the configuration; the template is not among them
     */
    void show(
            Supplier<List<ConfigLine>> lines, Supplier<Collection<DatabaseSettings>> declaredOnes) {
        config = lines;
        declared = declaredOnes;
    }

    List<PoolView> pools() {
        return pools(PoolRecord::shown);
    }

    private List<PoolView> pools(Function<PoolRecord, String> naming) {
        Map<Pool<?, ?>, int[]> cancels = new HashMap<>();
        servers.forEach(
                server -> {
                    int[] counts = cancels.computeIfAbsent(server.seat().pool(), _ -> new int[2]);
                    counts[0] += server.cancels();
                    counts[1] += server.isParked() ? 1 : 0;
                });
        List<PoolView> views = new ArrayList<>();
        long now = System.nanoTime();
        pooler.ledger()
                .with(
                        all ->
                                pools.all()
                                        .forEach(
                                                pool ->
                                                        views.add(
                                                                pool.view(
                                                                        naming.apply(pool),
                                                                        cancels.getOrDefault(
                                                                                pool.pool(),
                                                                                new int[2]),
                                                                        now))));
        views.add(PoolRecord.ofConsole(consoles.size()));
        views.sort(Comparator.comparing(PoolView::database).thenComparing(PoolView::user));
        return views;
    }

    List<PoolerAdmin.Latencies> latencies() {
        return pools.all().stream()
                .map(PoolRecord::latencies)
                .sorted(
                        Comparator.comparing(PoolerAdmin.Latencies::database)
                                .thenComparing(PoolerAdmin.Latencies::user))
                .toList();
    }

    List<DatabaseView> databases() {
        Map<String, DatabaseSettings> known = new TreeMap<>();
        declared.get().forEach(database -> known.put(database.name(), database));
        pools.all().forEach(pool -> known.putIfAbsent(pool.name(), pool.database()));
        Map<String, Integer> used = new HashMap<>();
        for (PoolView pool : pools(PoolRecord::name)) {
            used.merge(pool.database(), pool.active() + pool.idle() + pool.opening(), Integer::sum);
        }
        List<DatabaseView> views = new ArrayList<>();
        known.forEach(
                (name, database) ->
                        views.add(
                                view(
                                        database,
                                        used.getOrDefault(name, 0),
                                        pooler.clients().ofDatabase(name))));
        views.add(ofConsole());
        views.sort(Comparator.comparing(DatabaseView::name));
        return views;
    }

    private DatabaseView view(DatabaseSettings database, int usedServers, int usedClients) {
        return new DatabaseView(
                database.name(),
                database.addresses().isSocket()
                        ? null
                        : String.join(",", database.addresses().hosts()),
                database.addresses().port(),
                database.database(),
                database.forcedUser().isEmpty() ? null : database.forcedUser(),
                database.pool().size(),
                database.pool().minimum(),
                database.pool().reserve(),
                database.pool().lifetime() / NANOS_OF_SECOND,
                PoolRecord.name(database.mode()),
                database.maxServers(),
                usedServers,
                database.maxClients(),
                usedClients,
                stops.isPaused(database.name()),
                stops.isDisabled(database.name()));
    }

    private DatabaseView ofConsole() {
        return new DatabaseView(
                PoolerAdmin.CONSOLE,
                null,
                setting("listen_port", 6432),
                PoolerAdmin.CONSOLE,
                PoolerAdmin.CONSOLE,
                2,
                0,
                0,
                0,
                "statement",
                0,
                0,
                0,
                consoles.size(),
                false,
                false);
    }

    /** A number of the configuration. */
    int setting(String key, int otherwise) {
        for (ConfigLine line : config.get()) {
            String value = line.value();
            if (line.key().equals(key) && value != null && value.matches("\\d{1,9}")) {
                return Integer.parseInt(value);
            }
        }
        return otherwise;
    }

    List<UserView> users() {
        PoolerSetup setup = pooler.setup();
        Map<String, Integer> servers = new TreeMap<>();
        setup.rules().names().forEach(name -> servers.put(name, 0));
        setup.users().keySet().forEach(name -> servers.put(name, 0));
        clients.all().forEach(client -> servers.putIfAbsent(client.meter().user(), 0));
        for (PoolView pool : pools()) {
            servers.merge(pool.user(), pool.active() + pool.idle() + pool.opening(), Integer::sum);
        }
        return servers.entrySet().stream()
                .map(entry -> user(setup, entry.getKey(), entry.getValue()))
                .toList();
    }

    private UserView user(PoolerSetup setup, String name, int servers) {
        PoolerIni.User own = setup.users().get(name);
        return new UserView(
                name,
                own == null ? null : own.poolSize(),
                own == null ? null : own.reservePoolSize(),
                own == null ? null : own.poolMode(),
                setup.serversOf(name),
                servers,
                setup.clientsOf(name),
                name.equals(PoolerAdmin.CONSOLE) ? consoles.size() : pooler.clients().ofUser(name));
    }

    static List<PoolerAdmin.Memory> memory() {
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.totalMemory();
        long direct = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        return List.of(
                new PoolerAdmin.Memory(
                        "heap",
                        1024,
                        (int) ((heap - runtime.freeMemory()) / 1024),
                        (int) (runtime.freeMemory() / 1024),
                        heap),
                new PoolerAdmin.Memory("iobuf_cache", 1024, (int) (direct / 1024), 0, direct));
    }
}
