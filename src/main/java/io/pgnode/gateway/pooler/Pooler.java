package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.pgnode.gateway.pooler.core.PoolClient;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.Refusal;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private final PoolLedger ledger;
    private long forgottenAt = System.nanoTime();
    private final ConsoleDesk desk;
    private final ClientRegistry registry;
    private final KnownPools pools;
    private final Greeter greeter;
    private final Reception reception;
    private final ServerOpener opener;
    private final PoolerListeners listeners;
    private final PoolerHolds holds;

    private volatile PoolerSetup setup;
    private volatile @Nullable AdminDoor adminDoor;

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
        this.ledger = new PoolLedger(loops.count(), new Doing());
        this.registry = new ClientRegistry(loops, secrets::cancelKey);
        this.desk =
                new ConsoleDesk(
                        this, loops, ledger, name -> setup().databases().apply(name), registry);
        this.pools = new KnownPools(ledger, desk, maxServers);
        this.greeter = new Greeter(pools, ledger, () -> setup().clients().notice());
        this.reception = new Reception(this, loops, pools, registry, greeter);
        this.opener = new ServerOpener(this, loops, ledger, pools, greeter);
        this.listeners = new PoolerListeners(this, loops);
        this.holds =
                new PoolerHolds(
                        loops,
                        ledger,
                        registry,
                        desk.servers(),
                        System::nanoTime,
                        secrets::cancelKey);
        for (int i = 0; i < loops.count(); i++) {
            turns.add(new LoginTurns(loops.loop(i), System::nanoTime));
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
        registry.expire(loop, now, nanos);
    }

    private void tick() {
        long now = System.nanoTime();
        ledger.with(all -> all.tick(now));
        holds.tick(now);
        if (now - forgottenAt >= FORGET_NANOS) {
            forgottenAt = now;
            pools.forgetIdle(limits().care().pools(), now);
        }
    }

    /** Holds clients back, and lets them go on. */
    public PoolerHolds holds() {
        return holds;
    }

    /** The admin console and the statistics. */
    ConsoleDesk desk() {
        return desk;
    }

    /** Where clients come in. */
    PoolerListeners listeners() {
        return listeners;
    }

    /** Which pools there are. */
    KnownPools pools() {
        return pools;
    }

    /** What clients are greeted with. */
    Greeter greeter() {
        return greeter;
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

    /** A client has proved who it is. On its loop. */
    void receive(Newcomer client) {
        reception.receive(client);
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
        KnownPool before = pools.find(old);
        if (database == null || before == null) {
            return; // the pool was removed, and refuses
        }
        KnownPool next = pools.of(now, database, old.user(), before.secret(), target);
        client.pool(next.pool());
        client.meter()
                .countIn(
                        desk.records().counters(next.pool(), client.seat().loop()),
                        client.visit().traffic());
    }

    /**
     * From now on this counts: logins that are under way end by what they began with, pools get
     * their new sizes, servers of databases that moved are closed as they are released, and pools
     * of databases that are gone are removed.
     */
    void reconfigure(PoolerSetup next) {
        setup = next;
        pools.reconfigure(next);
        closeDoomedSessions();
    }

    void clientGone(ClientSession client, String why) {
        registry.remove(client);
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
            var _ = registry.tell(ClientSession::endIfDoomed);
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
            opener.open(seat);
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

    // ---------------------------------------------------------------- cancelling

    /**
     * A client asks, on a connection of its own, to cancel the query of another.
     *
     * @param done called on any thread, as soon as the request can hit nothing any more: who asked
     *     may use his connection for something else then
     */
    void cancel(CancelKey key, Runnable done) {
        ClientSession client = registry.find(key);
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
        listeners.close();
        workers.shutdownNow();
    }
}
