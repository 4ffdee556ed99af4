package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.ServerDomainSocketChannel;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolClient;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.Refusal;
import io.pgnode.gateway.pooler.core.Scope;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.Sockets;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Opening;
import io.pgnode.wire.SqlState;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The engine: brings clients, pools and servers together. Thread-safe; what concerns a connection
 * runs on its loop.
 */
public final class Pooler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Pooler.class);
    private static final long TICK_MILLIS = 50;
    private static final long EXPIRE_MILLIS = 200;
    private static final long FORGET_NANOS = 500_000_000L;
    private static final long WITHOUT_MILLIS = 250;
    private static final Duration NO_LIMIT = Duration.ofDays(1);

    private final EventLoops loops;
    private final Secrets secrets;
    private final ExecutorService workers;
    private final int ownUid;
    private final ClientCounts clients = new ClientCounts();
    private final List<LoginTurns> turns = new ArrayList<>();
    private final Scope node;
    private final Map<String, Scope> ofDatabases = new ConcurrentHashMap<>();
    private final Map<String, Scope> ofUsers = new ConcurrentHashMap<>();
    private final PoolLedger ledger;
    private final List<StatementTable> statements = new ArrayList<>();
    private final Map<PoolKey, Member> members = new ConcurrentHashMap<>();
    private final Map<Long, ClientSession> byCancelKey = new ConcurrentHashMap<>();
    private final List<LoopClients> ofLoops = new ArrayList<>();
    private long forgottenAt = System.nanoTime();
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private final ConsoleDesk desk;
    private final EveryClient everyClient;
    private final PoolerHolds holds;

    /** Guards which pools there are, and where their servers are. Taken before all others. */
    private final ReentrantLock routing = new ReentrantLock();

    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private volatile @Nullable Welcome lent;
    private volatile PoolerSetup setup;
    private volatile boolean isShared;
    private volatile @Nullable AdminDoor adminDoor;

    /** A pool with what is needed to open its servers and to greet its clients. */
    private static final class Member {
        final Pool<ClientSession, ServerSession> pool;
        volatile DatabaseSettings database;
        volatile ServerSecret secret;
        volatile @Nullable Route route;
        volatile @Nullable Welcome welcome;
        volatile long usedAt = System.nanoTime();

        Member(
                Pool<ClientSession, ServerSession> pool,
                DatabaseSettings database,
                ServerSecret secret) {
            this.pool = pool;
            this.database = database;
            this.secret = secret;
        }

        /** Where its servers are opened; null as long as nobody has served it. */
        @Nullable Target target() {
            Route now = route;
            return now == null ? null : now.target(database, pool.key().user(), secret);
        }
    }

    /**
     * @param workers for what takes milliseconds of CPU; closed with the pooler
     * @param maxServers of all pools; zero for no limit
     * @param ownUid the user who may enter the console on a unix socket without a password
     */
    Pooler(
            EventLoops loops,
            Secrets secrets,
            PoolerSetup setup,
            ExecutorService workers,
            int maxServers,
            int ownUid) {
        this.loops = loops;
        this.secrets = secrets;
        this.setup = setup;
        this.workers = workers;
        this.ownUid = ownUid;
        this.node = new Scope("node", maxServers);
        this.ledger = new PoolLedger(loops.count(), new Doing());
        this.desk =
                new ConsoleDesk(
                        this, loops, ledger, name -> setup().databases().apply(name), byCancelKey);
        this.everyClient = new EveryClient(loops, byCancelKey.values());
        this.holds =
                new PoolerHolds(
                        loops,
                        ledger,
                        everyClient,
                        desk.servers(),
                        System::nanoTime,
                        secrets::cancelKey);
        for (int i = 0; i < loops.count(); i++) {
            statements.add(new StatementTable(i, loops.count()));
            turns.add(new LoginTurns(loops.loop(i), System::nanoTime));
            ofLoops.add(new LoopClients());
        }
        loops.loop(0)
                .scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        for (int i = 0; i < loops.count(); i++) {
            int loop = i;
            StallWatch stalls =
                    new StallWatch(Duration.ofMillis(2 * EXPIRE_MILLIS), System.nanoTime());
            loops.loop(loop)
                    .scheduleWithFixedDelay(
                            () -> expire(loop, stalls),
                            EXPIRE_MILLIS,
                            EXPIRE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    /** Ends what lasts too long, on one loop. */
    private void expire(int loop, StallWatch stalls) {
        PoolerSetup now = setup;
        long nanos = System.nanoTime();
        if (stalls.isAfterStall(nanos) || !now.hasTimeouts()) {
            return;
        }
        ofLoops.get(loop).expire(now, nanos);
    }

    /** From now on other poolers may listen on the same ports. */
    void sharePorts(boolean wanted) {
        isShared = wanted;
    }

    /** Where clients come by the pooler's own entrance. */
    Gate gate() {
        return gate(Entrance.LOCAL, Integer.MAX_VALUE);
    }

    /**
     * Where clients come by that entrance.
     *
     * @param limit of connections at once, which the entrance counts
     */
    Gate gate(Entrance entrance, int limit) {
        return new Gate(loops, address -> listen(address, entrance), limit);
    }

    private ChannelFuture listen(SocketAddress address, Entrance entrance) {
        ChannelFuture bound =
                Sockets.listen(
                        loops, address, loop -> new ClientLogin(this, loop, entrance), isShared);
        listeners.removeIf(each -> !loops.listeners().isOurs(each));
        listeners.add(bound.channel());
        return bound;
    }

    private void tick() {
        long now = System.nanoTime();
        ledger.with(all -> all.tick(now));
        holds.tick(now);
        if (now - forgottenAt >= FORGET_NANOS) {
            forgottenAt = now;
            forgetPools(now);
        }
    }

    /** Of pools that nobody has used for long nothing is kept. */
    private void forgetPools(long now) {
        PoolLife life = limits().care().pools();
        members.forEach(
                (key, member) -> {
                    long limit = life.of(key.database()).toNanos();
                    if (limit <= 0 || desk.isUsed(member.pool)) {
                        member.usedAt = now;
                    } else if (now - member.usedAt >= limit) {
                        members.remove(key, member);
                        desk.removed(member.pool);
                        ledger.with(all -> all.remove(member.pool, now));
                    }
                });
    }

    /** Holds clients back, and lets them go on. */
    public PoolerHolds holds() {
        return holds;
    }

    /** The admin console and the statistics. */
    ConsoleDesk desk() {
        return desk;
    }

    /** Those of unix sockets stay, for admins. */
    void closeTcpListeners() {
        for (Channel listener : listeners) {
            if (!(listener instanceof ServerDomainSocketChannel)
                    && loops.listeners().isOurs(listener)) {
                var _ = listener.close();
            }
        }
    }

    Limits limits() {
        return setup.limits();
    }

    PoolerSetup setup() {
        return setup;
    }

    ClientCounts clients() {
        return clients;
    }

    LoginTurns turns(int loop) {
        return turns.get(loop);
    }

    Executor workers() {
        return workers;
    }

    int ownUid() {
        return ownUid;
    }

    @Nullable AdminDoor adminDoor() {
        return adminDoor;
    }

    /** Opens the console. */
    void adminDoor(AdminDoor door) {
        adminDoor = door;
    }

    Secrets secrets() {
        return secrets;
    }

    PoolLedger ledger() {
        return ledger;
    }

    // ---------------------------------------------------------------- clients

    /**
     * A client has proved who it is. On its loop.
     *
     * @param entrance by which it came
     * @param by the setup that its login began with
     * @param asked settings of its startup packet
     */
    void loggedIn(
            ChannelHandlerContext context,
            int loop,
            Entrance entrance,
            PoolerSetup by,
            DatabaseSettings database,
            Opening.Login login,
            Map<String, String> asked,
            ServerSecret secret,
            ClientLogin handler) {
        ErrorMessage refusal = desk.refusal(database.name());
        if (refusal != null) {
            handler.refuse(context, refusal);
            return;
        }
        Entrance.Visit visit = entrance.enter(context.channel().remoteAddress(), loop);
        if (visit == null) {
            handler.refuse(
                    context,
                    ErrorMessage.fatal(
                            SqlState.TOO_MANY_CONNECTIONS, "no member of the service has room"));
            return;
        }
        Member member = member(by, database, login.user(), secret, visit.target());
        long key = newCancelKey();
        SessionSettings settings = new SessionSettings();
        member.usedAt = System.nanoTime();
        ClientSession session =
                new ClientSession(
                        this,
                        context.channel(),
                        loop,
                        visit,
                        member.pool,
                        by.mode(database, login.user()),
                        settings,
                        statements.get(loop),
                        key,
                        desk.meter(member.pool, loop, login.user(), visit.traffic()));
        byCancelKey.put(key, session);
        ofLoops.get(loop).add(session);
        visit.begun(session);
        Welcome welcome = member.pool.isRouted() ? member.welcome : welcomeOf(member);
        if (welcome != null) {
            welcome(context, session, asked, welcome, handler);
            return;
        }
        context.channel().config().setAutoRead(false);
        new FirstServer(context, session, asked, handler).begin();
    }

    /**
     * What to greet a client with while no server can be asked: what the pool's own servers said,
     * else those of another. Null when nobody has said anything yet.
     */
    private @Nullable Welcome welcomeOf(Member member) {
        Welcome own = member.welcome;
        if (own != null) {
            return own;
        }
        PoolKey key = member.pool.key();
        for (Member other : members.values()) {
            Welcome its = other.welcome;
            if (its != null && other.pool.key().database().equals(key.database())) {
                return its.lentTo(key.user(), key.target().equals(PoolKey.PRIMARY));
            }
        }
        Welcome last = lent;
        return last == null ? null : last.lentTo(key.user(), key.target().equals(PoolKey.PRIMARY));
    }

    /** A server of this node said this at its login. */
    void learn(Map<String, String> reported) {
        Welcome last = lent;
        if (last == null || !last.says(reported)) {
            lent = new Welcome(reported);
        }
    }

    /** The first client of a pool waits for a server, which tells what to greet clients with. */
    private final class FirstServer {
        private final ChannelHandlerContext context;
        private final ClientSession session;
        private final Map<String, String> asked;
        private final ClientLogin handler;

        FirstServer(
                ChannelHandlerContext context,
                ClientSession session,
                Map<String, String> asked,
                ClientLogin handler) {
            this.context = context;
            this.session = session;
            this.asked = asked;
            this.handler = handler;
        }

        void begin() {
            // The session is not in the pipeline yet: nobody else would tell it that the client
            // left.
            context.channel().closeFuture().addListener(_ -> session.gone());
            session.waitForWelcome(
                    server -> {
                        Member member = members.get(server.seat().pool().key());
                        Welcome welcome = member == null ? null : member.welcome;
                        if (welcome == null) {
                            throw new IllegalStateException("a server without parameters");
                        }
                        greet(welcome);
                    },
                    error -> handler.refuse(context, error));
            lookLater();
        }

        private void greet(Welcome welcome) {
            welcome(context, session, asked, welcome, handler);
            context.channel().config().setAutoRead(true);
        }

        private void lookLater() {
            var _ =
                    context.executor()
                            .schedule(this::doWithout, WITHOUT_MILLIS, TimeUnit.MILLISECONDS);
        }

        /** No server came: none can be opened, or all are busy. The client may wait inside. */
        private void doWithout() {
            Member member = members.get(session.pool().key());
            if (member == null || !session.isWaitingForWelcome()) {
                return;
            }
            Pool<?, ?> pool = member.pool;
            boolean isOpening =
                    ledger.look(
                            _ ->
                                    pool.isRouted()
                                            && !pool.isHeld()
                                            && pool.lastFailure() == null
                                            && pool.opening() > 0);
            Welcome welcome = isOpening ? null : welcomeOf(member);
            if (welcome == null) {
                lookLater();
            } else if (session.stopWaitingForWelcome()) {
                greet(welcome);
            }
        }
    }

    private void welcome(
            ChannelHandlerContext context,
            ClientSession session,
            Map<String, String> asked,
            Welcome welcome,
            ClientLogin handler) {
        Welcome.Greeting greeting = welcome.greeting(asked);
        session.settings().share(greeting.settings());
        ByteBuf out = context.alloc().buffer(1024);
        greeting.writeTo(out);
        BackendMessages.backendKeyData(out, CancelKey.of(session.cancelKey()));
        String notice = setup.clients().notice();
        if (!notice.isEmpty()) {
            ErrorMessage.notice(notice).writeTo(out);
        }
        BackendMessages.readyForQuery(out, 'I');
        session.meter().loggedIn();
        context.pipeline().addLast(session);
        session.outlet().begin(session);
        session.outlet().write(out);
        session.outlet().flush();
        context.pipeline().remove(handler);
    }

    /** The same for a client that wants to replicate: it gets a server of its own. */
    void replicate(
            ChannelHandlerContext context,
            int loop,
            Entrance entrance,
            DatabaseSettings database,
            Opening.Login login,
            StartupSettings asked,
            ServerSecret secret,
            ClientLogin handler) {
        ErrorMessage refusal = desk.refusal(database.name());
        if (refusal != null) {
            handler.refuse(context, refusal);
            return;
        }
        Entrance.Visit visit = entrance.enter(context.channel().remoteAddress(), loop);
        Route route = visit == null ? null : routeTo(visit.target());
        if (visit != null) {
            context.channel().closeFuture().addListener(_ -> visit.ended());
        }
        if (route == null) {
            handler.refuse(
                    context,
                    ErrorMessage.fatal(
                            SqlState.CANNOT_CONNECT_NOW, "nobody serves replication at present"));
            return;
        }
        Target target = route.target(database, login.user(), secret).replicating(asked);
        ReplicationLink link =
                new ReplicationLink(
                        context,
                        CancelKey.of(newCancelKey()),
                        error -> handler.refuse(context, error));
        context.channel().config().setAutoRead(false);
        Sockets.connect(
                        loops.loop(loop),
                        target.address(),
                        target.connectLimit(),
                        new ServerLogin(target, secrets, workers, link))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                link.failed("", String.valueOf(done.cause().getMessage()));
                            }
                        });
    }

    long newCancelKey() {
        long key = secrets.cancelKey();
        while (byCancelKey.containsKey(key)) {
            key = secrets.cancelKey();
        }
        return key;
    }

    private Member member(
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
        Member member = members.get(key);
        if (member == null) {
            member = newMember(by, database, serverSecret, key);
        }
        if (!(serverSecret instanceof ServerSecret.None) && !serverSecret.equals(member.secret)) {
            // The password was changed meanwhile, or somebody whom we trusted was first.
            member.secret = serverSecret;
        }
        return member;
    }

    private Member newMember(
            PoolerSetup by, DatabaseSettings database, ServerSecret secret, PoolKey key) {
        routing.lock();
        try {
            Member known = members.get(key);
            if (known != null) {
                return known;
            }
            Pool<ClientSession, ServerSession> pool =
                    ledger.add(
                            key, by.pool(database, key.user()), scopes(by, database, key.user()));
            Member member = new Member(desk.created(pool, database), database, secret);
            place(member);
            members.put(key, member);
            return member;
        } finally {
            routing.unlock();
        }
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
            members.values().stream()
                    .filter(member -> member.pool.key().target().equals(target))
                    .forEach(this::place);
        } finally {
            routing.unlock();
        }
        if (endsBusy) {
            endOutdated(target);
        }
    }

    /** Under the lock. */
    private void place(Member member) {
        String target = member.pool.key().target();
        Route now = routeTo(target);
        long nanos = System.nanoTime();
        if (now == null) {
            ledger.with(all -> all.unroute(member.pool));
            return;
        }
        Route before = member.route;
        boolean isElsewhere = before != null && !now.isSameAs(before);
        member.route = now;
        ledger.with(
                all -> {
                    if (isElsewhere) {
                        all.renew(member.pool, "route changed", nanos);
                    }
                    all.route(member.pool, nanos);
                });
    }

    private @Nullable Route routeTo(String target) {
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
        ledger.with(
                all ->
                        members.values().stream()
                                .map(member -> member.pool)
                                .filter(pool -> pool.key().target().equals(target))
                                .forEach(all::dismiss));
    }

    /** Clients that wait for servers of this target. */
    int waiting(String target) {
        return ledger.look(
                _ ->
                        members.values().stream()
                                .map(member -> member.pool)
                                .filter(pool -> pool.key().target().equals(target))
                                .mapToInt(Pool::waiting)
                                .sum());
    }

    /** The client goes where its visit says that its servers are. On its loop. */
    void settle(ClientSession client) {
        client.visit().settle();
        String target = client.visit().target();
        PoolKey old = client.pool().key();
        if (target.equals(old.target())) {
            return;
        }
        PoolerSetup now = setup;
        DatabaseSettings database = now.databases().apply(old.database());
        Member before = members.get(old);
        if (database == null || before == null) {
            return; // the pool was removed, and refuses
        }
        Member next = member(now, database, old.user(), before.secret, target);
        next.usedAt = System.nanoTime();
        client.pool(next.pool);
        client.meter()
                .countIn(desk.counters(next.pool, client.seat().loop()), client.visit().traffic());
    }

    private List<Scope> scopes(PoolerSetup by, DatabaseSettings database, String user) {
        return List.of(
                node,
                ofDatabases.computeIfAbsent(
                        database.name(),
                        name -> new Scope("max_db_connections of " + name, database.maxServers())),
                ofUsers.computeIfAbsent(
                        user,
                        name -> new Scope("max_user_connections of " + name, by.serversOf(name))));
    }

    private static boolean isOfOther(DatabaseSettings database, String user) {
        return !database.forcedUser().isEmpty() && !database.forcedUser().equals(user);
    }

    /**
     * From now on this counts: logins that are under way end by what they began with, pools get
     * their new sizes, servers of databases that moved are closed as they are released, and pools
     * of databases that are gone are removed.
     */
    void reconfigure(PoolerSetup next) {
        setup = next;
        long now = System.nanoTime();
        members.forEach(
                (key, member) -> {
                    DatabaseSettings database = next.databases().apply(key.database());
                    if (database == null
                            || key.target().equals(PoolKey.LOCAL)
                                    && isOfOther(database, key.user())) {
                        members.remove(key, member);
                        desk.removed(member.pool);
                        ledger.with(all -> all.remove(member.pool, now));
                        return;
                    }
                    Target before = member.target();
                    member.database = database;
                    Target after = member.target();
                    boolean isMoved = before != null && after != null && !after.isSameAs(before);
                    desk.configured(member.pool, database);
                    ledger.with(
                            all ->
                                    all.configure(
                                            member.pool, next.pool(database, key.user()), now));
                    desk.configured(member.pool, database);
                    if (isMoved) {
                        member.welcome = null;
                        ledger.with(
                                all ->
                                        all.renew(
                                                member.pool,
                                                "database configuration changed",
                                                now));
                    }
                });
        ledger.with(
                _ -> {
                    ofDatabases.forEach(
                            (name, scope) -> {
                                DatabaseSettings database = next.databases().apply(name);
                                scope.limit(database == null ? 0 : database.maxServers());
                            });
                    ofUsers.forEach((name, scope) -> scope.limit(next.serversOf(name)));
                });
        closeDoomedSessions();
    }

    /** Looks the names of servers up again. Blocking. */
    void refreshNames() {
        members.values().stream()
                .map(Member::target)
                .filter(Objects::nonNull)
                .map(Target::addresses)
                .filter(ServerAddresses::hasNames)
                .distinct()
                .forEach(ServerAddresses::refresh);
    }

    void clientGone(ClientSession client, String why) {
        byCancelKey.remove(client.cancelKey());
        ofLoops.get(client.seat().loop()).remove(client);
        ClientMeter meter = client.meter();
        if (setup.clients().areEndsLogged() && meter.isLoggedIn()) {
            LOG.infof(
                    "%s closing because: %s (age=%ds)",
                    ClientPeer.logged(
                            client.channel(), client.pool().key().database(), meter.user()),
                    why,
                    TimeUnit.NANOSECONDS.toSeconds(meter.age(System.nanoTime())));
        }
        client.meter().left();
        client.visit().ended();
        ledger.with(all -> all.stopWaiting(client.seat()));
    }

    // ---------------------------------------------------------------- servers

    void release(ServerSession server) {
        server.link(null);
        if (server.channel().isActive() && !server.parkWhileCancelled()) {
            ledger.release(server.seat(), server.settings().fingerprint());
        }
    }

    /**
     * Its client is gone.
     *
     * @param isWhole the client's last message was sent to its end
     * @param reset whether the session must be as new for the next client
     * @param saidGoodbye what it asked before is done to its end, as a server does it; else nobody
     *     wants it any more
     */
    void abandoned(
            ServerSession server, boolean isWhole, boolean reset, boolean saidGoodbye, String why) {
        server.link(null);
        server.channel().config().setAutoRead(true);
        if (reset && server.isLink()) {
            server.close(why); // or a server would be kept there that nobody uses
        } else if (isWhole) {
            server.cleanup().begin(reset, saidGoodbye);
        } else {
            server.close(why);
        }
    }

    String resetQuery() {
        return limits().care().resetQuery();
    }

    /** How long a cancel request may take, and the query that it ends. */
    Duration cancelWait() {
        Duration limit = limits().care().cancelWait();
        return limit.isZero() ? NO_LIMIT : limit;
    }

    /** Its client's transaction is over, and everything is answered. */
    void done(ServerSession server) {
        if (limits().care().isResetAlways()) {
            server.link(null);
            server.cleanup().begin(true, false);
        } else {
            release(server);
        }
    }

    /** With server_fast_close sessions do not keep servers that are to be closed. */
    void closeDoomedSessions() {
        if (limits().care().isClosedFast()) {
            var _ = everyClient.tell(ClientSession::endIfDoomed);
        }
    }

    void serverGone(ServerSession server, String why) {
        LOG.debugf("closing because: %s", why);
        desk.serverGone(server);
        ledger.with(all -> all.lost(server.seat(), System.nanoTime()));
    }

    /** Brings a server to its new client's loop. */
    void move(ServerSession server, ClientSession client) {
        Channel channel = server.channel();
        channel.eventLoop()
                .execute(() -> channel.deregister().addListener(left -> arrive(server, client)));
    }

    private void arrive(ServerSession server, ClientSession client) {
        loops.loop(client.seat().loop())
                .register(server.channel())
                .addListener(
                        arrived -> {
                            if (!arrived.isSuccess()) {
                                // It was closed in between, and its pipeline does not hear of it.
                                serverGone(server, "server conn crashed?");
                            }
                            client.channel().eventLoop().execute(() -> client.assigned(server));
                        });
    }

    private final class Doing implements PoolLedger.Work {
        @Override
        public void open(PoolServer<ServerSession> seat) {
            Member member = members.get(seat.pool().key());
            Target target = member == null ? null : member.target();
            if (member == null || target == null) {
                ledger.with(
                        all ->
                                all.openFailed(
                                        seat, "", "pool removed", true, 1, System.nanoTime()));
                return;
            }
            Arrival arrival = new Arrival(seat, member, target.isLink());
            Sockets.connect(
                            loops.loop(seat.loop()),
                            target.address(),
                            target.connectLimit(),
                            new ServerLogin(target, secrets, workers, arrival))
                    .addListener(
                            done -> {
                                if (!done.isSuccess()) {
                                    arrival.failed("", String.valueOf(done.cause().getMessage()));
                                }
                            });
        }

        @Override
        public void assign(PoolServer<ServerSession> seat, PoolClient<ClientSession> client) {
            ServerSession server = seat.owner();
            ClientSession owner = client.owner();
            if (!server.channel().eventLoop().equals(owner.channel().eventLoop())) {
                move(server, owner);
            } else if (owner.channel().eventLoop().inEventLoop()) {
                owner.assigned(server);
            } else {
                owner.channel().eventLoop().execute(() -> owner.assigned(server));
            }
        }

        @Override
        public void wake(long at) {
            if (loops.loop(0).isShuttingDown()) {
                return;
            }
            var _ =
                    loops.loop(0)
                            .schedule(
                                    () -> ledger.with(all -> all.tick(System.nanoTime())),
                                    Math.max(0, at - System.nanoTime()),
                                    TimeUnit.NANOSECONDS);
        }

        @Override
        public void close(PoolServer<ServerSession> seat, String why) {
            ServerSession server = seat.owner();
            server.channel().eventLoop().execute(() -> server.terminate(why));
        }

        @Override
        public void refuse(PoolClient<ClientSession> client, Refusal why) {
            ClientSession owner = client.owner();
            owner.channel().eventLoop().execute(() -> owner.refused(why));
        }
    }

    /** A server on its way. */
    private final class Arrival implements ServerLogin.Outcome {
        private final PoolServer<ServerSession> seat;
        private final Member member;
        private final boolean isLink;
        private boolean isDone;

        Arrival(PoolServer<ServerSession> seat, Member member, boolean isLink) {
            this.seat = seat;
            this.member = member;
            this.isLink = isLink;
        }

        @Override
        public void loggedIn(
                ChannelHandlerContext context, CancelKey key, Map<String, String> reported) {
            isDone = true;
            SessionSettings settings = new SessionSettings();
            reported.forEach(settings::put);
            Welcome known = member.welcome;
            if (known == null || !known.says(reported)) {
                member.welcome = new Welcome(reported);
            }
            learn(reported);
            ServerSession session =
                    new ServerSession(Pooler.this, context.channel(), seat, key, isLink, settings);
            seat.owner(session);
            desk.serverCame(session);
            context.pipeline().replace(context.handler(), "session", session);
            session.outlet().begin(session);
            ledger.with(all -> all.opened(seat, settings.fingerprint(), System.nanoTime()));
        }

        @Override
        public void failed(String sqlState, String message) {
            if (isDone) {
                return;
            }
            isDone = true;
            if (!message.equals(ledger.look(_ -> seat.pool().lastFailure()))) {
                // Said once, and not with every attempt.
                LOG.infof("cannot open a server of %s: %s", seat.pool(), message);
            }
            boolean isFinal =
                    sqlState.startsWith("28")
                            || sqlState.equals(SqlState.INVALID_CATALOG_NAME)
                            || sqlState.equals(SqlState.INSUFFICIENT_PRIVILEGE);
            double jitter = 0.5 + Math.floorMod(secrets.cancelKey(), 500) / 1000.0;
            ledger.with(
                    all ->
                            all.openFailed(
                                    seat, sqlState, message, isFinal, jitter, System.nanoTime()));
        }
    }

    // ---------------------------------------------------------------- cancelling

    /**
     * A client asks, on a connection of its own, to cancel the query of another.
     *
     * @param done called on any thread, as soon as the request can hit nothing any more: who asked
     *     may use his connection for something else then
     */
    void cancel(CancelKey key, Runnable done) {
        ClientSession client = byCancelKey.get(key.packed());
        if (client != null) {
            client.channel().eventLoop().execute(() -> cancelOf(client, done));
        } else {
            desk.cancel(key);
            done.run();
        }
    }

    private void cancelOf(ClientSession client, Runnable done) {
        ServerSession server = client.server();
        if (server != null) {
            cancel(server, done);
            return;
        }
        if (ledger.look(all -> all.stopWaiting(client.seat()))) {
            client.cancelledWhileWaiting();
        }
        done.run();
    }

    /**
     * Cancels what the server is doing now, for its client or because that is gone. On its loop.
     */
    void cancel(ServerSession server, Runnable done) {
        if (server.replies().isEmpty() || !server.channel().isActive()) {
            done.run();
        } else if (server.replies().isOwnQueryNext()) {
            server.cancelLater(done);
        } else {
            CancelSender.send(
                    server,
                    cancelWait(),
                    () -> ledger.with(all -> all.doomActive(server.seat())),
                    done);
        }
    }

    /** The loops go on. */
    @Override
    public void close() {
        List.copyOf(listeners).forEach(loops.listeners()::close);
        workers.shutdownNow();
    }
}
