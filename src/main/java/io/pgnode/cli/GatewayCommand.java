package io.pgnode.cli;

import io.pgnode.Pgnode;
import io.pgnode.agent.Logging;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.feed.HoldServer;
import io.pgnode.gateway.Gateway;
import io.pgnode.gateway.GatewayException;
import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.guard.RunFiles;
import io.pgnode.net.EventLoops;
import io.pgnode.os.BootClock;
import io.pgnode.os.Directories;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgnode gateway}: services for clients. */
@Command(
        name = "gateway",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the gateway: the services, the pooler of this node, and their statistics.",
            "Normally a child of \"pgnode run\", and told about the members by its agent;",
            "alone, it needs a list of them in gateway.members.",
            "SIGHUP reloads services and pooler, SIGTERM stops."
        })
public final class GatewayCommand implements Callable<Integer> {
    private static final Logger LOG = Logger.getLogger(GatewayCommand.class);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "${PGNODE_CONFIG:-/etc/pgnode/pgnode.yml}",
            description = "Configuration file (default: ${DEFAULT-VALUE}).")
    Path configFile = Path.of("/etc/pgnode/pgnode.yml");

    @Override
    public Integer call() throws InterruptedException, IOException {
        PgnodeConfig config = load();
        Logging.apply(config.log());
        if (!config.gateway().members().isEmpty()) {
            return serve(config, null);
        }
        RunFiles files = new RunFiles(config.runDir());
        Directories.create(files.directory(), "rwx------");
        try (RunLock _ = RunLock.tryAcquire(files.gatewayLock()).orElseThrow(() -> taken(files))) {
            return serve(config, files);
        }
    }

    private static CliException taken(RunFiles files) {
        return new CliException(
                ExitCode.REFUSED,
                "another gateway runs with run-dir "
                        + files.directory()
                        + ": "
                        + RunLock.holder(files.gatewayLock())
                                .map(Object::toString)
                                .orElse("unknown process"),
                "stop it first, or give this node a run-dir of its own");
    }

    /**
     * @param files where the agent is; null when the members are listed
     */
    private int serve(PgnodeConfig config, @Nullable RunFiles files)
            throws InterruptedException, IOException {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
        CountDownLatch stopped = new CountDownLatch(1);
        AtomicReference<@Nullable Gateway> running = new AtomicReference<>();
        NodePooler.Operator operator =
                new NodePooler.Operator() {
                    @Override
                    public List<String> reload() {
                        Gateway known = running.get();
                        return known == null ? List.of() : GatewayCommand.this.reload(known);
                    }

                    @Override
                    public void end() {
                        stopped.countDown();
                    }
                };
        AgentFeed feed = files == null ? null : new AgentFeed(files.agentSocket());
        try (Gateway gateway = Gateway.start(config, feed, surroundings(config, vertx, operator));
                HoldServer _ = files == null ? null : listen(files, gateway.pooler())) {
            running.set(gateway);
            SignalHandler.on(
                    Signal.HUP,
                    () -> {
                        var _ = reload(gateway);
                    });
            SignalHandler.on(Signal.TERM, stopped::countDown);
            SignalHandler.on(Signal.INT, stopped::countDown);
            stopped.await();
            return 0;
        } catch (GatewayException e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), e.hint());
        } finally {
            vertx.close();
        }
    }

    /** How the agent and operators hold clients back; null when this gateway cannot. */
    private static @Nullable HoldServer listen(RunFiles files, @Nullable NodePooler pooler)
            throws IOException {
        if (pooler == null) {
            return null;
        }
        HoldServer server = new HoldServer(files.gatewaySocket(), pooler.holds());
        server.start();
        return server;
    }

    private static Gateway.Surroundings surroundings(
            PgnodeConfig config, Vertx vertx, NodePooler.Operator operator) {
        return new Gateway.Surroundings(
                vertx,
                new BootClock(),
                System::nanoTime,
                new SecureRandom(),
                EventLoops.usual(Runtime.getRuntime().availableProcessors()),
                new TcpProxy.ProcessFacts(
                        Identity.of(config).name().value(),
                        Pgnode.VERSION,
                        ProcessHandle.current().pid(),
                        Instant.now().getEpochSecond()),
                operator);
    }

    private PgnodeConfig load() {
        try {
            return NodeConfiguration.load(configFile, System.getenv()).config();
        } catch (ConfigProblems e) {
            throw new CliException(
                    ExitCode.USAGE,
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "nothing was started; \"pgnode config check\" shows the same report");
        }
    }

    private List<String> reload(Gateway gateway) {
        try {
            PgnodeConfig config = NodeConfiguration.load(configFile, System.getenv()).config();
            Logging.apply(config.log());
            return gateway.reload(config);
        } catch (ConfigProblems e) {
            List<String> problems = e.problems().stream().map(Problem::toString).toList();
            LOG.errorf("configuration not reloaded: problems=%s", String.join("; ", problems));
            return problems;
        }
    }
}
