package io.pgnode.cli;

import io.pgnode.agent.Logging;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.os.Privileges;
import io.pgnode.os.SystemdNotify;
import io.pgnode.supervisor.ChildCommand;
import io.pgnode.supervisor.ChildSpec;
import io.pgnode.supervisor.Supervisor;
import io.pgnode.supervisor.SupervisorException;
import io.pgnode.supervisor.SupervisorSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jboss.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgnode run}: a whole node. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs this node: the agent and its guard, which kills PostgreSQL when the agent hangs,",
            "the gateway, and where there are backup repositories the archiver.",
            "SIGHUP reloads the configuration, SIGTERM stops the node. SIGUSR2 replaces the",
            "gateway by one of the program as it is now; no connection is lost."
        })
public final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = Logger.getLogger(RunCommand.class);

    /** For the REST API, the DCS client and the views of a cluster. */
    private static final int AGENT_HEAP_MEGABYTES = 128;

    /** For 20 000 idle clients and the buffers of the busy ones, which are outside the heap. */
    private static final int GATEWAY_HEAP_MEGABYTES = 256;

    /** For a gateway that is told to end, which closes its sessions. */
    private static final Duration GATEWAY_STOP = Duration.ofSeconds(10);

    /** For the WAL that is under way: compressed segments in memory, for each worker. */
    private static final int ARCHIVER_HEAP_MEGABYTES = 192;

    /** For an archiver that is told to end, with a backup that leaves what the next one resumes. */
    private static final Duration ARCHIVER_STOP = Duration.ofSeconds(15);

    /** To hand the leadership over before and after PostgreSQL has stopped. */
    private static final Duration HANDOVER = Duration.ofSeconds(30);

    @Mixin NodeFile file = new NodeFile();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PgnodeConfig config = load();
        if (Privileges.isRoot()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "a node must not run as root, since PostgreSQL refuses to",
                    "run it as the owner of "
                            + config.postgresql().dataDir()
                            + ": User=postgres in the unit, or runuser -u postgres -- pgnode run");
        }
        Logging.apply(config.log());
        try {
            new Supervisor(settings(config), SystemdNotify.fromEnvironment()).run();
            return 0;
        } catch (SupervisorException e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), e.hint());
        }
    }

    private PgnodeConfig load() {
        try {
            return ConfigLoader.load(file.path, System.getenv()).config();
        } catch (ConfigProblems e) {
            throw NodeFile.notStarted(e);
        }
    }

    /** A wrong file changes nothing here either; the agent says what is wrong with it. */
    private void reload() {
        try {
            Logging.apply(ConfigLoader.load(file.path, System.getenv()).config().log());
        } catch (ConfigProblems _) {
            LOG.debug("the configuration is wrong");
        }
    }

    /** As the agent has it after a reload; as it was at the start when the file is wrong by now. */
    private Duration stopTimeout(PgnodeConfig started) {
        try {
            return ConfigLoader.load(file.path, System.getenv())
                    .config()
                    .postgresql()
                    .stopTimeout();
        } catch (ConfigProblems e) {
            return started.postgresql().stopTimeout();
        }
    }

    private SupervisorSettings settings(PgnodeConfig config) throws IOException {
        ChildSpec agent =
                new ChildSpec(
                        ChildSpec.AGENT,
                        List.of("agent", "-c", file.path.toAbsolutePath().toString()),
                        AGENT_HEAP_MEGABYTES,
                        () -> stopTimeout(config).plus(HANDOVER),
                        true);
        List<ChildSpec> children = new ArrayList<>(List.of(agent));
        if (config.gateway().enabled()) {
            children.add(
                    new ChildSpec(
                            "gateway",
                            List.of("gateway", "-c", file.path.toAbsolutePath().toString()),
                            GATEWAY_HEAP_MEGABYTES,
                            () -> GATEWAY_STOP,
                            true,
                            List.of("--take-over")));
        }
        if (!config.backup().repositories().isEmpty()) {
            children.add(
                    new ChildSpec(
                            "archiver",
                            List.of("archiver", "-c", file.path.toAbsolutePath().toString()),
                            ARCHIVER_HEAP_MEGABYTES,
                            () -> ARCHIVER_STOP,
                            true));
        }
        return new SupervisorSettings(config.runDir(), ChildCommand.self(), children, this::reload);
    }
}
