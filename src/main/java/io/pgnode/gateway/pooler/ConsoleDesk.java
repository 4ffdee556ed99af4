package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.gateway.pooler.console.ConfigLine;
import io.pgnode.gateway.pooler.console.Console;
import io.pgnode.gateway.pooler.console.ConsoleSession;
import io.pgnode.gateway.pooler.console.ConsoleSetup;
import io.pgnode.gateway.pooler.console.DatabaseView;
import io.pgnode.gateway.pooler.console.Ending;
import io.pgnode.gateway.pooler.console.HoldView;
import io.pgnode.gateway.pooler.console.PoolView;
import io.pgnode.gateway.pooler.console.PoolerAdmin;
import io.pgnode.gateway.pooler.console.SocketView;
import io.pgnode.gateway.pooler.console.UserView;
import io.pgnode.gateway.pooler.core.Hold;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolCounters;
import io.pgnode.gateway.pooler.core.PoolTotals;
import io.pgnode.gateway.pooler.core.Pools;
import io.pgnode.gateway.pooler.core.StatsPeriod;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Opening;
import io.pgnode.wire.SqlState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Where the engine meets its console: counts what happens, shows it, and does what admins order.
 * Thread-safe.
 */
final class ConsoleDesk implements PoolerAdmin {
    private static final Logger LOG = Logger.getLogger(ConsoleDesk.class);
    private static final long NANOS_OF_SECOND = 1_000_000_000L;
    private static final String OPERATOR = "operator";
    static final Hold PAUSE = Hold.pause("PAUSE");

    private final Pooler pooler;
    private final EventLoops loops;
    private final PoolLedger ledger;
    private final Function<String, @Nullable DatabaseSettings> databases;
    private final ClientRegistry clients;
    private final Map<Pool<ClientSession, ServerSession>, PoolRecord> pools =
            new ConcurrentHashMap<>();
    private final Map<ServerSession, Long> servers = new ConcurrentHashMap<>();
    private final Map<Long, ConsoleSession> consoles = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);

    /** Guards the fields below it; never held while the ledger's lock is waited for by others. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Set<String> paused = new HashSet<>();
    private final Set<String> disabled = new HashSet<>();
    private final StatsPeriod period = new StatsPeriod(System.nanoTime());
    private boolean isAllPaused;

    private volatile boolean isRefusing;
    private volatile @Nullable Door door;

    /** What opened the console. */
    private record Door(
            Console console,
            ConsoleSetup setup,
            Ending ending,
            Supplier<Collection<DatabaseSettings>> declared) {}

    ConsoleDesk(
            Pooler pooler,
            EventLoops loops,
            PoolLedger ledger,
            Function<String, @Nullable DatabaseSettings> databases,
            ClientRegistry clients) {
        this.pooler = pooler;
        this.loops = loops;
        this.ledger = ledger;
        this.databases = databases;
        this.clients = clients;
    }

    /**
     * From now on clients may log in to the console.
     *
     * @param declared the databases of the configuration; the template is not among them
     */
    void open(ConsoleSetup setup, Supplier<Collection<DatabaseSettings>> declared) {
        Executor blocking = work -> Thread.ofVirtual().name("console").start(work);
        Ending ending = new Ending(this, setup::exit, blocking);
        door = new Door(new Console(this, setup, ending, blocking), setup, ending, declared);
        endPeriodLater(setup);
    }

    /** A reload may change how long the next period is. */
    private void endPeriodLater(ConsoleSetup setup) {
        Runnable end =
                () -> {
                    endPeriod(setup.areStatisticsLogged());
                    endPeriodLater(setup);
                };
        long millis = Math.max(1, setup.statsPeriodMillis());
        var _ = loops.loop(0).schedule(end, millis, TimeUnit.MILLISECONDS);
    }

    /** How the pooler ends; only once the console is open. */
    Ending ending() {
        return requireDoor().ending;
    }

    private Door requireDoor() {
        Door open = door;
        if (open == null) {
            throw new IllegalStateException("the console is not open");
        }
        return open;
    }

    // ---------------------------------------------------------------- what the engine reports

    /** A new pool; held at once where clients of its database must wait. */
    Pool<ClientSession, ServerSession> created(
            Pool<ClientSession, ServerSession> pool, DatabaseSettings database) {
        lock.lock();
        try {
            pools.put(pool, new PoolRecord(pool, database, loops.count()));
            if (isAllPaused || paused.contains(database.name())) {
                ledger.with(all -> all.hold(pool, PAUSE));
            }
        } finally {
            lock.unlock();
        }
        pooler.holds().created(pool);
        return pool;
    }

    /** The pool's database has other settings now. */
    void configured(Pool<ClientSession, ServerSession> pool, DatabaseSettings database) {
        PoolRecord known = pools.get(pool);
        if (known != null) {
            known.database(database);
        }
    }

    /** The pool is not shown any more. */
    void removed(Pool<ClientSession, ServerSession> pool) {
        pools.remove(pool);
    }

    /** Whether the pool has clients or servers. */
    boolean isUsed(Pool<ClientSession, ServerSession> pool) {
        PoolRecord known = pools.get(pool);
        return known == null
                || known.clients() > 0
                || ledger.look(_ -> pool.total() + pool.waiting() > 0);
    }

    /** For a client of the pool on the loop of that number. */
    ClientMeter meter(
            Pool<ClientSession, ServerSession> pool,
            int loop,
            String user,
            Entrance.Traffic traffic) {
        return new ClientMeter(
                nextId.getAndIncrement(), user, counters(pool, loop), traffic, System::nanoTime);
    }

    /** For those clients of the pool that are on that loop. */
    PoolCounters counters(Pool<ClientSession, ServerSession> pool, int loop) {
        PoolRecord known = pools.get(pool);
        return known == null ? new PoolCounters() : known.counters(loop);
    }

    /** A live view. */
    Collection<ServerSession> servers() {
        return servers.keySet();
    }

    void serverCame(ServerSession server) {
        servers.put(server, nextId.getAndIncrement());
    }

    void serverGone(ServerSession server) {
        servers.remove(server);
    }

    /** Why nobody may log in to this database; null when he may. */
    @Nullable ErrorMessage refusal(String database) {
        if (isRefusing) {
            return ErrorMessage.fatal(SqlState.CANNOT_CONNECT_NOW, "pooler is shutting down");
        }
        lock.lock();
        try {
            return disabled.contains(database)
                    ? ErrorMessage.fatal(
                            SqlState.CANNOT_CONNECT_NOW,
                            "database \"" + database + "\" is disabled")
                    : null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over a client of the console that has proved who it is. On its loop.
     *
     * @param isAdmin may do everything; otherwise may look
     */
    void enter(
            ChannelHandlerContext context,
            Opening.Login login,
            boolean isAdmin,
            ClientLogin handler) {
        Door open = requireDoor();
        long key = clients.newKey();
        ConsoleSession session =
                new ConsoleSession(
                        context.channel(),
                        open.console,
                        login.parameters(),
                        isAdmin,
                        nextId.getAndIncrement(),
                        CancelKey.of(key),
                        Instant.now(),
                        gone -> consoles.remove(gone.cancelKey().packed()));
        consoles.put(key, session);
        ByteBuf out = context.alloc().buffer(512);
        session.welcome(out);
        context.pipeline().addLast(session);
        var _ = context.writeAndFlush(out);
        context.pipeline().remove(handler);
    }

    void cancel(CancelKey key) {
        ConsoleSession console = consoles.get(key.packed());
        if (console != null) {
            console.cancel();
        }
    }

    // ---------------------------------------------------------------- numbers

    private void endPeriod(boolean isLogged) {
        Map<String, PoolTotals> totals = new HashMap<>();
        pools.values().forEach(pool -> totals.merge(pool.name(), pool.totals(), PoolTotals::plus));
        PoolTotals all;
        lock.lock();
        try {
            period.end(totals, System.nanoTime());
            all = period.averages();
        } finally {
            lock.unlock();
        }
        if (!isLogged) {
            return;
        }
        LOG.infof(
                "stats: %d xacts/s, %d queries/s, %d client parses/s, %d server parses/s,"
                        + " %d binds/s, in %d B/s, out %d B/s, xact %d us, query %d us, wait %d us",
                all.transactions(),
                all.queries(),
                all.clientParses(),
                all.serverParses(),
                all.binds(),
                all.received(),
                all.sent(),
                all.transactionMicros(),
                all.queryMicros(),
                all.waitMicros());
    }

    @Override
    public List<Averages> averages() {
        List<Averages> result = new ArrayList<>();
        for (DatabaseView database : databases()) {
            lock.lock();
            try {
                result.add(new Averages(database.name(), period.averages(database.name())));
            } finally {
                lock.unlock();
            }
        }
        return result;
    }

    @Override
    public PoolTotals averagesOfAll() {
        lock.lock();
        try {
            return period.averages();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<PoolView> pools() {
        return pools(PoolRecord::shown);
    }

    private List<PoolView> pools(Function<PoolRecord, String> naming) {
        Map<Pool<?, ?>, int[]> cancels = new HashMap<>();
        servers.keySet()
                .forEach(
                        server -> {
                            int[] counts =
                                    cancels.computeIfAbsent(server.seat().pool(), _ -> new int[2]);
                            counts[0] += server.cancels();
                            counts[1] += server.isParked() ? 1 : 0;
                        });
        List<PoolView> views = new ArrayList<>();
        long now = System.nanoTime();
        ledger.with(
                all ->
                        pools.values()
                                .forEach(
                                        pool ->
                                                views.add(
                                                        pool.view(
                                                                naming.apply(pool),
                                                                cancels.getOrDefault(
                                                                        pool.pool(), new int[2]),
                                                                now))));
        views.add(PoolRecord.ofConsole(consoles.size()));
        views.sort(Comparator.comparing(PoolView::database).thenComparing(PoolView::user));
        return views;
    }

    @Override
    public List<Latencies> latencies() {
        return pools.values().stream()
                .map(PoolRecord::latencies)
                .sorted(Comparator.comparing(Latencies::database).thenComparing(Latencies::user))
                .toList();
    }

    @Override
    public List<DatabaseView> databases() {
        Map<String, DatabaseSettings> known = new TreeMap<>();
        Door open = door;
        if (open != null) {
            open.declared.get().forEach(database -> known.put(database.name(), database));
        }
        pools.values().forEach(pool -> known.putIfAbsent(pool.name(), pool.database()));
        Map<String, Integer> used = new HashMap<>();
        for (PoolView pool : pools(PoolRecord::name)) {
            used.merge(pool.database(), pool.active() + pool.idle() + pool.opening(), Integer::sum);
        }
        List<DatabaseView> views = new ArrayList<>();
        lock.lock();
        try {
            known.forEach(
                    (name, database) ->
                            views.add(
                                    view(
                                            database,
                                            used.getOrDefault(name, 0),
                                            pooler.clients().ofDatabase(name))));
        } finally {
            lock.unlock();
        }
        views.add(ofConsole());
        views.sort(Comparator.comparing(DatabaseView::name));
        return views;
    }

    /** Under the lock. */
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
                paused.contains(database.name()),
                disabled.contains(database.name()));
    }

    private DatabaseView ofConsole() {
        return new DatabaseView(
                CONSOLE,
                null,
                setting("listen_port", 6432),
                CONSOLE,
                CONSOLE,
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

    private int setting(String key, int otherwise) {
        Door open = door;
        if (open != null) {
            for (ConfigLine line : open.setup.config()) {
                String value = line.value();
                if (line.key().equals(key) && value != null && value.matches("\\d{1,9}")) {
                    return Integer.parseInt(value);
                }
            }
        }
        return otherwise;
    }

    @Override
    public List<UserView> users() {
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
                name.equals(CONSOLE) ? consoles.size() : pooler.clients().ofUser(name));
    }

    @Override
    public List<Memory> memory() {
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.totalMemory();
        long direct = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        return List.of(
                new Memory(
                        "heap",
                        1024,
                        (int) ((heap - runtime.freeMemory()) / 1024),
                        (int) (runtime.freeMemory() / 1024),
                        heap),
                new Memory("iobuf_cache", 1024, (int) (direct / 1024), 0, direct));
    }

    @Override
    public int loginClients() {
        return Math.max(0, pooler.clients().all() - clients());
    }

    @Override
    public int clients() {
        return clients.all().size() + consoles.size();
    }

    @Override
    public int maxClients() {
        return setting("max_client_conn", 0);
    }

    // ---------------------------------------------------------------- connections

    @Override
    public CompletableFuture<List<SocketView>> sockets() {
        List<CompletableFuture<SocketViews>> parts = new ArrayList<>();
        for (int i = 0; i < loops.count(); i++) {
            EventLoop loop = loops.loop(i);
            parts.add(CompletableFuture.supplyAsync(() -> collect(loop), loop));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(
                        _ -> {
                            SocketViews all = new SocketViews();
                            parts.forEach(part -> all.add(part.join()));
                            return all.linked();
                        });
    }

    /** On that loop. */
    private SocketViews collect(EventLoop loop) {
        SocketViews views = new SocketViews();
        for (ClientSession client : clients.all()) {
            if (client.channel().eventLoop().equals(loop)) {
                ServerSession server = client.server();
                Long peer = server == null ? null : servers.get(server);
                views.client(client, peer == null ? 0 : peer);
            }
        }
        servers.forEach(
                (server, id) -> {
                    if (server.channel().eventLoop().equals(loop)) {
                        views.server(server, id);
                    }
                });
        for (ConsoleSession console : consoles.values()) {
            if (console.channel().eventLoop().equals(loop)) {
                views.console(console);
            }
        }
        return views;
    }

    // ---------------------------------------------------------------- orders

    @Override
    public boolean knows(String database) {
        return databases.apply(database) != null;
    }

    @Override
    public boolean isPaused(@Nullable String database) {
        lock.lock();
        try {
            return database == null ? isAllPaused : paused.contains(database);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void pause(@Nullable String database) {
        lock.lock();
        try {
            if (database == null) {
                isAllPaused = true;
            } else {
                paused.add(database);
            }
            ledger.with(all -> of(database).forEach(pool -> all.hold(pool.pool(), PAUSE)));
        } finally {
            lock.unlock();
        }
    }

    private List<PoolRecord> of(@Nullable String database) {
        return pools.values().stream()
                .filter(pool -> database == null || pool.name().equals(database))
                .toList();
    }

    private static Predicate<ServerSession> serverOf(@Nullable String database) {
        return server -> database == null || server.seat().pool().key().database().equals(database);
    }

    @Override
    public boolean isReleased(@Nullable String database) {
        List<PoolRecord> meant = of(database);
        closeIdle(database, "pause mode");
        return ledger.look(all -> meant.stream().allMatch(pool -> pool.pool().total() == 0));
    }

    private void closeIdle(@Nullable String database, String why) {
        ledger.doom(seat -> database == null || seat.pool().key().database().equals(database), why);
    }

    @Override
    public void resume(@Nullable String database) {
        lock.lock();
        try {
            if (database == null) {
                isAllPaused = false;
            } else {
                paused.remove(database);
            }
            List<PoolRecord> free =
                    of(database).stream()
                            .filter(pool -> !isAllPaused && !paused.contains(pool.name()))
                            .toList();
            ledger.with(all -> free.forEach(pool -> resume(all, pool)));
        } finally {
            lock.unlock();
        }
    }

    private static void resume(Pools<ClientSession, ServerSession> all, PoolRecord pool) {
        all.resume(pool.pool(), PAUSE.owner(), 0, System.nanoTime());
    }

    @Override
    public List<HoldView> holds() {
        return pooler.holds().views();
    }

    @Override
    public @Nullable CompletableFuture<?> hold(String scope, Duration limit) {
        HoldScope meant = HoldBook.scope(scope);
        return meant == null
                ? null
                : pooler.holds().hold(new HoldRequest(OPERATOR, meant, Long.MAX_VALUE, limit));
    }

    @Override
    public boolean release(String scope) {
        HoldScope meant = HoldBook.scope(scope);
        if (meant != null) {
            pooler.holds().release(OPERATOR, meant);
        }
        return meant != null;
    }

    @Override
    public void disable(String database, boolean isDisabled) {
        lock.lock();
        try {
            if (isDisabled) {
                disabled.add(database);
            } else {
                disabled.remove(database);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void reconnect(@Nullable String database) {
        Predicate<ServerSession> meant = serverOf(database);
        ledger.with(
                all ->
                        servers.keySet().stream()
                                .filter(meant)
                                .forEach(server -> all.doomActive(server.seat())));
        closeIdle(database, "database configuration changed");
        pooler.closeDoomedSessions();
    }

    @Override
    public boolean isClosing(@Nullable String database) {
        Predicate<ServerSession> meant = serverOf(database);
        return ledger.look(
                _ ->
                        servers.keySet().stream()
                                .anyMatch(
                                        server -> server.seat().isDoomed() && meant.test(server)));
    }

    @Override
    public void kill(@Nullable String database) {
        pause(database);
        reconnect(database);
        for (ClientSession client : clients.all()) {
            if (database == null || client.pool().key().database().equals(database)) {
                drop(client);
            }
        }
    }

    private static ErrorMessage forced() {
        return ErrorMessage.fatal(SqlState.ADMIN_SHUTDOWN, "admin forced disconnect");
    }

    private static void drop(ClientSession client) {
        client.channel().eventLoop().execute(() -> client.fail(forced()));
    }

    @Override
    public boolean killClient(long id) {
        for (ClientSession client : clients.all()) {
            if (client.meter().id() == id) {
                drop(client);
                return true;
            }
        }
        for (ConsoleSession console : consoles.values()) {
            if (console.id() == id) {
                console.drop(forced());
                return true;
            }
        }
        return false;
    }

    @Override
    public void refuseClients() {
        isRefusing = true;
        pooler.listeners().closeTcp();
    }

    @Override
    public boolean hasClients() {
        return !clients.all().isEmpty() || pooler.clients().all() > consoles.size();
    }

    @Override
    public void dropWaiting() {
        for (ClientSession client : clients.all()) {
            boolean isWaiting = ledger.look(all -> all.stopWaiting(client.seat()));
            if (isWaiting) {
                client.channel().eventLoop().execute(() -> client.fail(shutDown()));
            }
        }
    }

    private static ErrorMessage shutDown() {
        return ErrorMessage.fatal(SqlState.ADMIN_SHUTDOWN, "server shutting down");
    }
}
