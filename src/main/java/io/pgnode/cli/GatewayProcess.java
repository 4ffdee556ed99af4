package io.pgnode.cli;

import io.pgnode.Pgnode;
import io.pgnode.agent.Logging;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.feed.HoldClient;
import io.pgnode.feed.HoldDesk;
import io.pgnode.feed.HoldRelay;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldServer;
import io.pgnode.feed.NoHolds;
import io.pgnode.gateway.Gateway;
import io.pgnode.gateway.GatewayException;
import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.guard.RunFiles;
import io.pgnode.net.EventLoops;
import io.pgnode.os.BootClock;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A gateway from its start to its end: it listens, takes over from the one before where that is
 * wished, serves, and drains when a successor has taken over from it.
 *
 * <p>In a run directory only one has the lock, which passes on with the listeners. Each has a
 * socket of its own there for as long as it lives; {@code gateway.sock} leads to the newest, which
 * tells those before it about holds.
 */
final class GatewayProcess {
    private static final Logger LOG = Logger.getLogger(GatewayProcess.class);
    private static final Duration LOCK_LIMIT = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 50;

    private final Path configFile;
    private final RunFiles files;
    private final boolean hasAgent;
    private final boolean takesOver;
    private final long pid = ProcessHandle.current().pid();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile PgnodeConfig config;
    private volatile @Nullable Gateway gateway;
    private volatile @Nullable RunLock lock;

    /**
     * @param hasAgent in the run directory; else the members are listed, and a run directory that
     *     cannot be used costs no more than the hand-over
     */
    GatewayProcess(
            Path configFile,
            PgnodeConfig config,
            RunFiles files,
            boolean hasAgent,
            boolean takesOver) {
        this.configFile = configFile;
        this.config = config;
        this.files = files;
        this.hasAgent = hasAgent;
        this.takesOver = takesOver;
    }

    /** Until a signal, an admin, or the last client after a hand-over. */
    int run() throws IOException, InterruptedException {
        boolean hasDirectory = hasAgent || Files.isWritable(files.directory());
        if (hasDirectory && !takesOver) {
            lock();
        }
        if (takesOver) {
            refuseWhileHeld();
        }
        Vertx vertx = vertx();
        AgentFeed feed = hasAgent ? new AgentFeed(files.agentSocket()) : null;
        Gateway.HandOver handOver =
                hasDirectory
                        ? new Gateway.HandOver(files.gatewayOffers(), takesOver, this::handedOver)
                        : null;
        try (Gateway started = Gateway.start(config, feed, surroundings(vertx), handOver)) {
            gateway = started;
            if (takesOver && hasDirectory && !started.hasPredecessor()) {
                lock();
            }
            try (HoldServer holds = hasAgent ? listen(started) : null) {
                if (started.hasPredecessor()) {
                    started.take();
                    lock();
                }
                receiveSignals();
                stopped.await();
                LOG.infof("the gateway ends: holds=%s", holds != null);
            }
            return 0;
        } catch (GatewayException e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), e.hint());
        } finally {
            vertx.close();
            unlock();
        }
    }

    /** The one before gives it up as soon as it has handed over. */
    private void lock() throws IOException, InterruptedException {
        long limit = System.nanoTime() + (takesOver ? LOCK_LIMIT.toNanos() : 0);
        Optional<RunLock> acquired = RunLock.tryAcquire(files.gatewayLock());
        while (acquired.isEmpty() && System.nanoTime() - limit < 0) {
            Thread.sleep(LOOK_MILLIS);
            acquired = RunLock.tryAcquire(files.gatewayLock());
        }
        if (acquired.isEmpty() && hasAgent) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "another gateway runs with run-dir "
                            + files.directory()
                            + ": "
                            + RunLock.holder(files.gatewayLock())
                                    .map(Object::toString)
                                    .orElse("unknown process"),
                    "stop it first, take over from it with --take-over, or give this node a"
                            + " run-dir of its own");
        }
        lock = acquired.orElse(null);
    }

    private void unlock() {
        RunLock held = lock;
        lock = null;
        if (held != null) {
            held.close();
        }
    }

    /** A hold that began there would not be known here. */
    private void refuseWhileHeld() {
        for (HoldScope scope : HoldScope.values()) {
            boolean isHeld;
            try {
                isHeld = new HoldClient(files.gatewaySocket()).ask(scope).join().isHeld();
            } catch (CompletionException e) {
                return; // there is none
            }
            if (isHeld) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "the gateway holds clients back",
                        "try again when the switchover or restart is done, or release them");
            }
        }
    }

    private static Vertx vertx() {
        return Vertx.vertx(
                new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        .setFileSystemOptions(
                                new FileSystemOptions()
                                        .setFileCachingEnabled(false)
                                        .setClassPathResolvingEnabled(false)));
    }

    private Gateway.Surroundings surroundings(Vertx vertx) {
        return new Gateway.Surroundings(
                vertx,
                new BootClock(),
                System::nanoTime,
                new SecureRandom(),
                EventLoops.usual(Runtime.getRuntime().availableProcessors()),
                new TcpProxy.ProcessFacts(
                        Identity.of(config).name().value(),
                        Pgnode.VERSION,
                        pid,
                        Instant.now().getEpochSecond()),
                new NodePooler.Operator() {
                    @Override
                    public List<String> reload() {
                        return GatewayProcess.this.reload();
                    }

                    @Override
                    public void end() {
                        stopped.countDown();
                    }
                });
    }

    /** How the agent and operators hold clients back, and have the configuration read again. */
    private HoldServer listen(Gateway started) throws IOException {
        NodePooler pooler = started.pooler();
        HoldDesk own = pooler == null ? new NoHolds() : pooler.holds();
        HoldServer server =
                new HoldServer(
                        files.gatewaySocket(pid),
                        new HoldRelay(own, this::earlierGateways),
                        this::reload);
        server.start();
        server.linkedAs(files.gatewaySocket());
        return server;
    }

    private List<Path> earlierGateways() {
        Gateway known = gateway;
        if (known == null || known.isHandedOver()) {
            return List.of(); // what comes here comes from our successor
        }
        try (Stream<Path> all = Files.list(files.directory())) {
            return all.filter(files::isGatewaySocket)
                    .filter(file -> !file.equals(files.gatewaySocket(pid)))
                    .toList();
        } catch (IOException e) {
            LOG.debugf("cannot list %s: %s", files.directory(), e.getMessage());
            return List.of();
        }
    }

    private void receiveSignals() {
        SignalHandler.on(
                Signal.HUP,
                () -> {
                    var _ = reload();
                });
        SignalHandler.on(Signal.TERM, stopped::countDown);
        SignalHandler.on(Signal.INT, stopped::countDown);
    }

    private List<String> reload() {
        Gateway known = gateway;
        if (known == null) {
            return List.of();
        }
        try {
            PgnodeConfig next = NodeConfiguration.load(configFile, System.getenv()).config();
            List<String> wrong = known.reload(next);
            if (wrong.isEmpty()) {
                Logging.apply(next.log());
                config = next;
            }
            return wrong;
        } catch (ConfigProblems e) {
            List<String> problems = e.problems().stream().map(Problem::toString).toList();
            LOG.errorf("configuration not reloaded: problems=%s", String.join("; ", problems));
            return problems;
        }
    }

    /** On a thread of its own, which waits for the clients that are left. */
    private void handedOver() {
        unlock();
        Gateway known = gateway;
        long limit = System.nanoTime() + config.gateway().drainTimeout().toNanos();
        try {
            while (known != null && !known.isEmpty() && System.nanoTime() - limit < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.infof("handed over: clients_left=%s", known == null || !known.isEmpty());
        stopped.countDown();
    }
}
