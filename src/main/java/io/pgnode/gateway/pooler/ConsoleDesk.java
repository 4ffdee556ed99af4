package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
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
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolTotals;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Opening;
import io.pgnode.wire.SqlState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the engine meets its console: counts what happens, shows it, and does what admins order.
 * Thread-safe.
 */
final class ConsoleDesk implements PoolerAdmin {
    private static final String OPERATOR = "operator";

    private final Pooler pooler;
    private final EventLoops loops;
    private final PoolLedger ledger;
    private final Function<String, @Nullable DatabaseSettings> databases;
    private final ClientRegistry clients;
    private final PoolRecords records;
    private final DatabaseStops stops;
    private final TrafficAverages averages;
    private final ConsoleViews views;
    private final Map<ServerSession, Long> servers = new ConcurrentHashMap<>();
    private final Map<Long, ConsoleSession> consoles = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);

    private volatile @Nullable Door door;

    /** What opened the console. */
    private record Door(Console console, Ending ending) {}

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
        this.records = new PoolRecords(ledger, loops.count());
        this.stops = new DatabaseStops(ledger, records);
        this.averages = new TrafficAverages(records);
        this.views =
                new ConsoleViews(
                        pooler, records, stops, clients, servers.keySet(), consoles.values());
    }

    /**
     * From now on clients may log in to the console.
     *
     * @param declared the databases of the configuration; the template is not among them
     */
    void open(ConsoleSetup setup, Supplier<Collection<DatabaseSettings>> declared) {
        Executor blocking = work -> Thread.ofVirtual().name("console").start(work);
        Ending ending = new Ending(this, setup::exit, blocking);
        views.show(setup::config, declared);
        door = new Door(new Console(this, setup, ending, blocking), ending);
        endPeriodLater(setup);
    }

    /** A reload may change how long the next period is. */
    private void endPeriodLater(ConsoleSetup setup) {
        Runnable end =
                () -> {
                    averages.endPeriod(setup.areStatisticsLogged());
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
        stops.created(pool, database);
        pooler.holds().created(pool);
        return pool;
    }

    /** The pools that are shown. */
    PoolRecords records() {
        return records;
    }

    /** For a client of the pool on the loop of that number. */
    ClientMeter meter(
            Pool<ClientSession, ServerSession> pool,
            int loop,
            String user,
            Entrance.Traffic traffic) {
        return new ClientMeter(
                nextId.getAndIncrement(),
                user,
                records.counters(pool, loop),
                traffic,
                System::nanoTime);
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
        return stops.refusal(database);
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

    @Override
    public List<Averages> averages() {
        return databases().stream()
                .map(each -> new Averages(each.name(), averages.of(each.name())))
                .toList();
    }

    @Override
    public PoolTotals averagesOfAll() {
        return averages.ofAll();
    }

    @Override
    public List<PoolView> pools() {
        return views.pools();
    }

    @Override
    public List<Latencies> latencies() {
        return views.latencies();
    }

    @Override
    public List<DatabaseView> databases() {
        return views.databases();
    }

    @Override
    public List<UserView> users() {
        return views.users();
    }

    @Override
    public List<Memory> memory() {
        return ConsoleViews.memory();
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
        return views.setting("max_client_conn", 0);
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
        SocketViews found = new SocketViews();
        for (ClientSession client : clients.all()) {
            if (client.channel().eventLoop().equals(loop)) {
                ServerSession server = client.server();
                Long peer = server == null ? null : servers.get(server);
                found.client(client, peer == null ? 0 : peer);
            }
        }
        servers.forEach(
                (server, id) -> {
                    if (server.channel().eventLoop().equals(loop)) {
                        found.server(server, id);
                    }
                });
        for (ConsoleSession console : consoles.values()) {
            if (console.channel().eventLoop().equals(loop)) {
                found.console(console);
            }
        }
        return found;
    }

    // ---------------------------------------------------------------- orders

    @Override
    public boolean knows(String database) {
        return databases.apply(database) != null;
    }

    @Override
    public boolean isPaused(@Nullable String database) {
        return stops.isPaused(database);
    }

    @Override
    public void pause(@Nullable String database) {
        stops.pause(database);
    }

    private static Predicate<ServerSession> serverOf(@Nullable String database) {
        return server -> database == null || server.seat().pool().key().database().equals(database);
    }

    @Override
    public boolean isReleased(@Nullable String database) {
        List<PoolRecord> meant = records.of(database);
        closeIdle(database, "pause mode");
        return ledger.look(all -> meant.stream().allMatch(pool -> pool.pool().total() == 0));
    }

    private void closeIdle(@Nullable String database, String why) {
        ledger.doom(seat -> database == null || seat.pool().key().database().equals(database), why);
    }

    @Override
    public void resume(@Nullable String database) {
        stops.resume(database);
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
        stops.disable(database, isDisabled);
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
        stops.refuseAll();
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
