package io.pgnode.cli;

import io.pgnode.Pgnode;
import io.pgnode.agent.Logging;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.gateway.Gateway;
import io.pgnode.gateway.GatewayException;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.net.EventLoops;
import io.pgnode.os.BootClock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgnode gateway}: services for clients. */
@Command(
        name = "gateway",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the gateway: services in mode tcp and their statistics.",
            "SIGHUP reloads the services, SIGTERM stops."
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
    public Integer call() throws InterruptedException {
        PgnodeConfig config = load();
        Logging.apply(config.log());
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
        try (Gateway gateway = Gateway.start(config, null, surroundings(config, vertx))) {
            SignalHandler.on(Signal.HUP, () -> reload(gateway));
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

    private static Gateway.Surroundings surroundings(PgnodeConfig config, Vertx vertx) {
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
                        Instant.now().getEpochSecond()));
    }

    private PgnodeConfig load() {
        try {
            return ConfigLoader.load(configFile, System.getenv()).config();
        } catch (ConfigProblems e) {
            throw new CliException(
                    ExitCode.USAGE,
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "nothing was started; \"pgnode config check\" shows the same report");
        }
    }

    private void reload(Gateway gateway) {
        try {
            PgnodeConfig config = ConfigLoader.load(configFile, System.getenv()).config();
            Logging.apply(config.log());
            gateway.reload(config);
        } catch (ConfigProblems e) {
            LOG.errorf(
                    "configuration not reloaded: problems=%s",
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("; ")));
        }
    }
}
