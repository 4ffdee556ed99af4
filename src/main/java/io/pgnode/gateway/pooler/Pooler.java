package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.ServerDomainSocketChannel;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolClient;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.Refusal;
import io.pgnode.gateway.pooler.core.Scope;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Sockets;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.Opening;
import io.pgnode.wire.SqlState;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
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
    private final List<Channel> listeners = new ArrayList<>();
    private final ConsoleDesk desk;
    private final EveryClient everyClient;
    private final PoolerHolds holds;
    private long forgottenAt = System.nanoTime();
    private volatile PoolerSetup setup;
    private volatile boolean isShared;
    private volatile @Nullable AdminDoor adminDoor;

    /** A pool with what is needed to open its servers and to greet its clients. */
    private static final class Member {
        final Pool<ClientSession, ServerSession> pool;
        volatile Target target;
        volatile @Nullable Welcome welcome;
        volatile long usedAt = System.nanoTime();

        Member(Pool<ClientSession, ServerSession> pool, Target target) {
            this.pool = pool;
            this.target = target;
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
            turns.add(new LoginTurns(loops.loop(i)));
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

    /** Begins to accept clients at this address. */
    ChannelFuture listen(SocketAddress address) {
        ChannelFuture bound =
                Sockets.listen(loops, address, loop -> new ClientLogin(this, loop), isShared);
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
            if (!(listener instanceof ServerDomainSocketChannel)) {
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
     * @param by the setup that its login began with
     * @param asked settings of its startup packet
     */
    void loggedIn(
            ChannelHandlerContext context,
            int loop,
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
        Member member = member(by, database, login.user(), secret);
        long key = newCancelKey();
        SessionSettings settings = new SessionSettings();
        member.usedAt = System.nanoTime();
        ClientSession session =
                new ClientSession(
                        this,
                        context.channel(),
                        loop,
                        member.pool,
                        by.mode(database, login.user()),
                        settings,
                        statements.get(loop),
                        key,
                        desk.meter(member.pool, loop, login.user()));
        byCancelKey.put(key, session);
        ofLoops.get(loop).add(session);
        Welcome welcome = member.welcome;
        if (welcome != null) {
            welcome(context, session, asked, welcome, handler);
            return;
        }
        context.channel().config().setAutoRead(false);
        new FirstServer(context, session, asked, handler, member).begin();
    }

    /** The first client of a pool waits for a server, which tells what to greet clients with. */
    private final class FirstServer {
        private final ChannelHandlerContext context;
        private final ClientSession session;
        private final Map<String, String> asked;
        private final ClientLogin handler;
        private final Member member;

        FirstServer(
                ChannelHandlerContext context,
                ClientSession session,
                Map<String, String> asked,
                ClientLogin handler,
                Member member) {
            this.context = context;
            this.session = session;
            this.asked = asked;
            this.handler = handler;
            this.member = member;
        }

        void begin() {
            // The session is not in the pipeline yet: nobody else would tell it that the client
            // left.
            context.channel().closeFuture().addListener(_ -> session.gone());
            session.waitForWelcome(
                    server -> {
                        Welcome welcome = member.welcome;
                        if (welcome == null) {
                            throw new IllegalStateException("a server without parameters");
                        }
                        welcome(context, session, asked, welcome, handler);
                        context.channel().config().setAutoRead(true);
                    },
                    error -> handler.refuse(context, error));
        }
    }

    private void welcome(
            ChannelHandlerContext context,
            ClientSession session,
            Map<String, String> asked,
            Welcome welcome,
            ClientLogin handler) {
        SessionSettings settings = session.settings();
        welcome.applyTo(settings);
        asked.forEach(settings::put);
        ByteBuf out = context.alloc().buffer(1024);
        welcome.write(out, settings);
        BackendMessages.backendKeyData(out, CancelKey.of(session.cancelKey()));
        String notice = setup.clients().notice();
        if (!notice.isEmpty()) {
            ErrorMessage.notice(notice).writeTo(out);
        }
        BackendMessages.readyForQuery(out, 'I');
        session.meter().loggedIn();
        context.pipeline().addLast(session);
        var _ = context.writeAndFlush(out);
        context.pipeline().remove(handler);
        session.outlet().begin();
    }

    /** The same for a client that wants to replicate: it gets a server of its own. */
    void replicate(
            ChannelHandlerContext context,
            int loop,
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
        boolean isForced = !database.forcedUser().isEmpty();
        Target target =
                database.target(
                                isForced ? database.forcedUser() : login.user(),
                                isForced ? database.forcedSecret() : secret)
                        .replicating(asked);
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
            PoolerSetup by, DatabaseSettings database, String user, ServerSecret secret) {
        boolean isForced = !database.forcedUser().isEmpty();
        String serverUser = isForced ? database.forcedUser() : user;
        ServerSecret serverSecret = isForced ? database.forcedSecret() : secret;
        PoolKey key = new PoolKey("local", database.name(), serverUser);
        Member member =
                members.computeIfAbsent(
                        key,
                        wanted ->
                                new Member(
                                        desk.created(
                                                ledger.add(
                                                        wanted,
                                                        by.pool(database, serverUser),
                                                        scopes(by, database, serverUser)),
                                                database),
                                        database.target(serverUser, serverSecret)));
        Target target = member.target;
        if (!(serverSecret instanceof ServerSecret.None) && !serverSecret.equals(target.secret())) {
            // The password was changed meanwhile, or somebody whom we trusted was first.
            member.target = target.withSecret(serverSecret);
        }
        return member;
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
                    if (database == null || isOfOther(database, key.user())) {
                        members.remove(key, member);
                        desk.removed(member.pool);
                        ledger.with(all -> all.remove(member.pool, now));
                        return;
                    }
                    ServerSecret secret =
                            database.forcedUser().isEmpty()
                                    ? member.target.secret()
                                    : database.forcedSecret();
                    Target target = database.target(key.user(), secret);
                    boolean isMoved = !target.isSameAs(member.target);
                    desk.configured(member.pool, database);
                    member.target = target;
                    ledger.with(
                            all ->
                                    all.configure(
                                            member.pool, next.pool(database, key.user()), now));
                    desk.configured(member.pool, database);
                    if (isMoved) {
                        member.welcome = null;
                        ledger.doom(
                                server -> server.pool().key().equals(key),
                                "database configuration changed");
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
                .map(member -> member.target.addresses())
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
     */
    void abandoned(ServerSession server, boolean isWhole, boolean reset, String why) {
        server.link(null);
        server.channel().config().setAutoRead(true);
        if (isWhole) {
            server.cleanup().begin(reset);
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
            server.cleanup().begin(true);
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
                        arrived ->
                                client.channel()
                                        .eventLoop()
                                        .execute(() -> client.assigned(server)));
    }

    private final class Doing implements PoolLedger.Work {
        @Override
        public void open(PoolServer<ServerSession> seat) {
            Member member = members.get(seat.pool().key());
            if (member == null) {
                ledger.with(
                        all ->
                                all.openFailed(
                                        seat, "", "pool removed", true, 1, System.nanoTime()));
                return;
            }
            Arrival arrival = new Arrival(seat, member);
            Target target = member.target;
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
        private boolean isDone;

        Arrival(PoolServer<ServerSession> seat, Member member) {
            this.seat = seat;
            this.member = member;
        }

        @Override
        public void loggedIn(
                ChannelHandlerContext context, CancelKey key, Map<String, String> reported) {
            isDone = true;
            SessionSettings settings = new SessionSettings();
            reported.forEach(settings::put);
            if (member.welcome == null) {
                member.welcome = new Welcome(reported);
            }
            ServerSession session =
                    new ServerSession(Pooler.this, context.channel(), seat, key, settings);
            seat.owner(session);
            desk.serverCame(session);
            context.pipeline().replace(context.handler(), "session", session);
            session.outlet().begin();
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

    /** A client asks, on a connection of its own, to cancel the query of another. */
    void cancel(CancelKey key) {
        ClientSession client = byCancelKey.get(key.packed());
        if (client != null) {
            client.channel().eventLoop().execute(() -> cancelOf(client));
        } else {
            desk.cancel(key);
        }
    }

    private void cancelOf(ClientSession client) {
        ServerSession server = client.server();
        if (server == null) {
            boolean waited = ledger.look(all -> all.stopWaiting(client.seat()));
            if (waited) {
                client.cancelledWhileWaiting();
            }
            return;
        }
        cancel(server);
    }

    /**
     * Cancels what the server is doing now, for its client or because that is gone. On its loop.
     */
    void cancel(ServerSession server) {
        if (server.replies().isEmpty()) {
            return;
        }
        server.holdForCancel();
        Sockets.connect(
                        server.channel().eventLoop(),
                        server.channel().remoteAddress(),
                        cancelWait(),
                        new CancelSender(server))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                server.cancelDone();
                            }
                        });
    }

    /** Sends a cancel request; the server closes the connection once it has acted on it. */
    private static final class CancelSender extends ChannelInboundHandlerAdapter {
        private final ServerSession server;

        CancelSender(ServerSession server) {
            this.server = server;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            ByteBuf out = context.alloc().buffer(16);
            FrontendMessages.cancelRequest(out, server.cancelKey());
            var _ = context.writeAndFlush(out);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            server.channel().eventLoop().execute(server::cancelDone);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }

    @Override
    public void close() {
        listeners.forEach(Sockets::close);
        loops.close();
        workers.shutdownNow();
    }
}
