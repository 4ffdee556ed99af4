package io.pgnode.agent;

import io.pgnode.Pgnode;
import io.pgnode.agent.rest.BackupStatus;
import io.pgnode.agent.rest.PeerClient;
import io.pgnode.agent.rest.RestServer;
import io.pgnode.agent.rest.RestSettings;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.config.HaConfig;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Timings;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.Dcs;
import io.pgnode.feed.FeedServer;
import io.pgnode.feed.HoldClient;
import io.pgnode.guard.GuardClient;
import io.pgnode.guard.GuardClientListener;
import io.pgnode.guard.RunFiles;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.metrics.MetricRegistry;
import io.pgnode.metrics.MetricSource;
import io.pgnode.model.HostPort;
import io.pgnode.os.BootClock;
import io.pgnode.os.LinuxWatchdog;
import io.pgnode.os.OrphanReaper;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.pgnode.postgres.PostgresException;
import io.pgnode.postgres.PostgresInstance;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent process: puts the parts together, runs until it is told to stop, and takes them apart
 * again.
 */
public final class Agent {
    /** Name of the lock file in the run directory; it names the process that holds it. */
    public static final String LOCK = "agent.lock";

    /** Name of the guard's socket in the run directory. */
    public static final String GUARD_SOCKET = "guard.sock";

    private static final Logger LOG = Logger.getLogger(Agent.class);
    private static final Duration CLOSE = Duration.ofSeconds(2);

    /** A start that cannot go on: one line for the operator. */
    public static final class StartProblem extends Exception {
        private static final long serialVersionUID = 1L;
        private final String hint;

        public StartProblem(String message, String hint) {
            super(message);
            this.hint = hint;
        }

        public String hint() {
            return hint;
        }
    }

    private final Path configFile;
    private final Map<String, String> environment;
    private final Dcs dcs;
    private final LoadedConfig started;
    private final BackupCommands backup;
    private final Supplier<@Nullable BackupStatus> backups;
    private @Nullable RestServer rest;
    private @Nullable FeedServer feed;

    /**
     * @param backup how PostgreSQL reaches the repositories
     * @param backups what is known of backups, at once; null where there is no repository
     * @param dcs used but not closed
     */
    public Agent(
            Path configFile,
            LoadedConfig config,
            Map<String, String> environment,
            BackupCommands backup,
            Supplier<@Nullable BackupStatus> backups,
            Dcs dcs) {
        this.backup = backup;
        this.backups = backups;
        this.configFile = configFile;
        this.started = config;
        this.environment = Map.copyOf(environment);
        this.dcs = dcs;
    }

    /**
     * Runs until a signal or the cluster ends it.
     *
     * @return why it ended; {@code stopped} when it was asked to
     */
    public String run() throws StartProblem, IOException, InterruptedException {
        PgnodeConfig config = started.config();
        Logging.apply(config.log());
        createRunDirectory(config.runDir());
        Path lockFile = config.runDir().resolve(LOCK);
        try (RunLock _ =
                RunLock.tryAcquire(lockFile)
                        .orElseThrow(
                                () ->
                                        new StartProblem(
                                                "another agent runs with run-dir "
                                                        + config.runDir()
                                                        + ": "
                                                        + RunLock.holder(lockFile)
                                                                .map(Object::toString)
                                                                .orElse("unknown process"),
                                                "stop it first, or give this node a run-dir of its own"))) {
            return runLocked(config);
        } catch (PostgresException e) {
            throw new StartProblem(String.valueOf(e.getMessage()), e.hint());
        }
    }

    private static void createRunDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    private String runLocked(PgnodeConfig config)
            throws StartProblem, IOException, InterruptedException, PostgresException {
        LocalConfiguration local = new LocalConfiguration(configFile, environment, started, backup);
        AgentSettings settings = local.settings().agent();
        BootClock clock = new BootClock();
        InstantSource wall = InstantSource.system();
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(2)
                                .setPreferNativeTransport(true));
        AtomicReference<HaLoop> haLoop = new AtomicReference<>();
        try (LoopThread loop = new LoopThread("ha", Thread.NORM_PRIORITY, clock, wall);
                LoopThread leaseLoop = new LoopThread("lease", Thread.MAX_PRIORITY, clock, wall);
                PeerClient peerClient = new PeerClient(vertx, local.settings().restClient());
                PostgresInstance instance =
                        new PostgresInstance(local.settings().postgres(), clock, wall);
                GuardClient guardClient =
                        new GuardClient(
                                config.runDir().resolve(GUARD_SOCKET),
                                clock,
                                "pgnode-" + Pgnode.VERSION,
                                guardListener(haLoop))) {
            Duration timeout =
                    config.dcs().timeout().compareTo(Timings.of(config.ha()).retryTimeout()) < 0
                            ? config.dcs().timeout()
                            : Timings.of(config.ha()).retryTimeout();
            ClusterStore store =
                    new ClusterStore(dcs, config.namespace(), settings.scope(), timeout);
            PeerRequests peers = new PeerRequests(peerClient);
            refuseSecondInstance(store, peers, settings);
            GuardAdapter guard = new GuardAdapter(guardClient);
            if (instance.adopt()) {
                LOG.info("found the instance running");
            }
            tellOfRenamedDirectories(instance);
            PostgresAdapter postgresAdapter =
                    new PostgresAdapter(
                            instance,
                            () -> local.settings().startTimeout(),
                            config.bootstrap()
                                    .postBootstrap()
                                    .map(command -> command.words())
                                    .orElse(java.util.List.of()),
                            guard::postmaster);
            Callbacks callbacks =
                    new ScriptCallbacks(() -> local.settings().scripts(), settings.scope());
            WatchdogGuard watchdog = watchdog(config, guard, haLoop);
            watchdog.tryOut();
            AtomicReference<OperatorDesk> desk = new AtomicReference<>();
            MetricRegistry registry = new MetricRegistry();
            AgentMetrics metrics =
                    new AgentMetrics(registry, settings.scope(), settings.self().value());
            Readiness readiness = new Readiness(guardClient);
            HaLoop ha =
                    new HaLoop(
                            loop,
                            leaseLoop,
                            () -> local.settings().agent(),
                            store,
                            postgresAdapter,
                            watchdog,
                            peers,
                            callbacks,
                            snapshot -> {
                                desk.get().publish(snapshot);
                                metrics.walFreeBytes(snapshot.local().instance().freeBytes());
                                readiness.cycleDone(snapshot);
                            });
            ha.keepPromisesIn(
                    new PromiseFile(
                            new RunFiles(config.runDir()).promise(), PromiseFile.bootId(), clock));
            ha.watchdogFailedWhen(watchdog::hasFailed);
            ha.onCycle(metrics::cycle);
            openFeed(config.runDir(), ha);
            HoldClient gateway = new HoldClient(new RunFiles(config.runDir()).gatewaySocket());
            ha.holdClientsWith(new GatewayHolds(gateway, peerClient));
            haLoop.set(ha);
            desk.set(
                    new OperatorDesk(
                            loop,
                            ha,
                            store,
                            postgresAdapter,
                            () -> ha.leaseState().isValid(clock.getAsLong()),
                            callbacks,
                            () -> local.settings().agent(),
                            firstSnapshot(settings, ha),
                            local::reload));
            OrphanReaper.startWhereNeeded();
            guardClient.start();
            RestServer server =
                    startRest(local.settings().rest(), vertx, desk.get(), registry, clock, wall);
            if (config.gateway().enabled()) {
                local.onReload(_ -> GatewayHolds.reload(gateway));
            }
            local.onReload(next -> await(server.reload(next.rest())));
            local.onReload(next -> instance.reloadSettings(next.postgres()));
            local.onReload(next -> peerClient.reload(next.restClient()));
            local.onReload(next -> Logging.apply(next.log()));
            SignalHandler.on(Signal.TERM, ha::stop);
            SignalHandler.on(Signal.INT, ha::stop);
            SignalHandler.on(
                    Signal.HUP,
                    () ->
                            desk.get()
                                    .reload()
                                    .thenAccept(result -> LOG.infof("reload: %s", result.text())));
            LOG.infof(
                    "pgnode %s, member=%s cluster=%s",
                    Pgnode.VERSION, settings.self(), settings.scope());
            ha.start();
            String why = await(ha.whenEnded());
            guardClient.stopping();
            return why;
        } finally {
            close(rest);
            if (feed != null) {
                feed.close();
            }
            vertx.close();
        }
    }

    /**
     * Without it the gateway goes on for a while with what it knows; nothing else depends on it.
     */
    private void openFeed(Path runDir, HaLoop ha) {
        try {
            FeedServer server = new FeedServer(new RunFiles(runDir).agentSocket());
            feed = server;
            server.start();
            ha.onNews(server::publish);
        } catch (IOException e) {
            LOG.errorf("the gateway cannot be told about the cluster: %s", e.getMessage());
        }
    }

    private static void tellOfRenamedDirectories(PostgresInstance instance) {
        List<Path> renamed = instance.movedAside();
        if (!renamed.isEmpty()) {
            LOG.warnf(
                    "data directories that were renamed aside take up space: %s; HINT: delete them"
                            + " when they are not needed, or set"
                            + " postgresql.keep-renamed-directories",
                    renamed);
        }
    }

    private static WatchdogGuard watchdog(
            PgnodeConfig config, Guard guard, AtomicReference<HaLoop> ha) {
        HaConfig.WatchdogConfig settings = config.ha().watchdog();
        Duration first = Timings.of(config.ha()).ttl();
        return new WatchdogGuard(
                guard,
                new LinuxWatchdog(settings.device()),
                settings.mode(),
                () -> {
                    HaLoop loop = ha.get();
                    ClusterView view = loop == null ? ClusterView.EMPTY : loop.lastView();
                    Duration ttl = view.config() == null ? first : view.settings().ttl();
                    Duration timeout = ttl.minus(Timings.watchdogMargin(ttl, settings));
                    return Duration.ofSeconds(Math.max(1, timeout.toSeconds()));
                });
    }

    private static GuardClientListener guardListener(AtomicReference<HaLoop> ha) {
        return new GuardClientListener() {
            @Override
            public void connected(GuardReply.State state) {
                LOG.info("the guard is connected");
            }

            @Override
            public void disconnected() {
                LOG.warn("the guard is away: only this process would fence");
            }

            @Override
            public void fenced(GuardReply.Fenced fenced) {
                HaLoop loop = ha.get();
                if (loop != null) {
                    loop.guardFenced(fenced.epoch());
                }
            }
        };
    }

    private static AgentSnapshot firstSnapshot(AgentSettings settings, HaLoop ha) {
        return new AgentSnapshot(
                settings.scope(),
                ClusterView.EMPTY,
                0,
                0,
                0,
                ha.localState(),
                "starting",
                false,
                "starting",
                "",
                Map.of(),
                null);
    }

    /** A live member of our name on another address: two would fight for one key and one slot. */
    private static void refuseSecondInstance(
            ClusterStore store, Peers peers, AgentSettings settings)
            throws StartProblem, InterruptedException {
        ClusterView view;
        try {
            view = await(store.read());
        } catch (CompletionException e) {
            LOG.warnf("the DCS cannot be reached yet: %s", Loop.message(e));
            return;
        }
        Member same = view.members().get(settings.self());
        if (same == null || same.apiUrl().equals(settings.apiUrl())) {
            return;
        }
        PeerAnswer answer = await(peers.ask(same, Duration.ofSeconds(2)));
        if (answer.reachable()) {
            throw new StartProblem(
                    "a member named " + settings.self() + " is alive at " + same.apiUrl(),
                    "give this node another seq or name, or stop the other one");
        }
    }

    private RestServer startRest(
            RestSettings settings,
            Vertx vertx,
            OperatorDesk desk,
            MetricSource counters,
            BootClock clock,
            InstantSource wall)
            throws StartProblem, IOException, InterruptedException {
        RestServer server =
                new RestServer(
                        vertx,
                        settings,
                        desk,
                        "pgnode-" + Pgnode.VERSION,
                        counters,
                        backups,
                        clock,
                        wall,
                        task -> Thread.startVirtualThread(task));
        rest = server;
        try {
            HostPort address = await(server.start());
            LOG.infof("REST API on %s", address);
            return server;
        } catch (CompletionException e) {
            throw new StartProblem(
                    Loop.message(e), "choose another rest.port, or stop who uses it");
        }
    }

    private static void close(@Nullable RestServer server) {
        if (server == null) {
            return;
        }
        try {
            server.close().get(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            LOG.debug("closing the REST API", e);
        }
    }

    private static <T extends @Nullable Object> T await(CompletableFuture<T> future)
            throws InterruptedException {
        try {
            return future.get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }

    /**
     * Tells the supervisor, and through it systemd, that the first cycle and each further one is
     * done.
     */
    private static final class Readiness {
        private final GuardClient guard;
        private boolean ready;
        private boolean leftoverReleased;
        private String status = "";

        Readiness(GuardClient guard) {
            this.guard = guard;
        }

        void cycleDone(AgentSnapshot snapshot) {
            String decision = snapshot.decision();
            if (!ready) {
                ready = true;
                guard.ready();
            }
            if (!leftoverReleased && snapshot.task() == null && !snapshot.local().mayWrite()) {
                leftoverReleased = true;
                guard.releaseLeftover();
            }
            guard.watchdog();
            if (!decision.equals(status)) {
                status = decision;
                guard.status(decision);
            }
        }
    }
}
