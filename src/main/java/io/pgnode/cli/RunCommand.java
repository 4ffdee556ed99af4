package io.pgnode.cli;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.os.SystemdNotify;
import io.pgnode.supervisor.ChildCommand;
import io.pgnode.supervisor.ChildSpec;
import io.pgnode.supervisor.Supervisor;
import io.pgnode.supervisor.SupervisorException;
import io.pgnode.supervisor.SupervisorSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgnode run}: the systemd unit of a node. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs this node: starts the agent, guards its lease, restarts it when it dies.",
            "Started as root it goes on as the user postgres. SIGTERM stops the node, SIGHUP reloads the configuration."
        })
public final class RunCommand implements Callable<Integer> {
    private static final int AGENT_HEAP_MEGABYTES = 128;

    /** Above the time that a clean stop of PostgreSQL may take. */
    private static final Duration AGENT_STOP_EXTRA = Duration.ofSeconds(30);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "${PGNODE_CONFIG:-/etc/pgnode/pgnode.yml}",
            description = "Configuration file (default: ${DEFAULT-VALUE}).")
    Path configFile = Path.of("/etc/pgnode/pgnode.yml");

    @Override
    public Integer call() throws IOException, InterruptedException {
        PgnodeConfig config;
        try {
            config = ConfigLoader.load(configFile, System.getenv()).config();
        } catch (ConfigProblems e) {
            throw new CliException(
                    ExitCode.USAGE,
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "nothing was started; \"pgnode config check\" shows the same report");
        }
        RunAs.postgresIfRoot(config.runDir());
        ChildSpec agent =
                new ChildSpec(
                        ChildSpec.AGENT,
                        List.of("agent", "--config", configFile.toAbsolutePath().toString()),
                        AGENT_HEAP_MEGABYTES,
                        config.postgresql().stopTimeout().plus(AGENT_STOP_EXTRA),
                        true);
        try {
            new Supervisor(
                            new SupervisorSettings(
                                    config.runDir(), ChildCommand.self(), List.of(agent)),
                            SystemdNotify.fromEnvironment())
                    .run();
            return 0;
        } catch (SupervisorException e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), "");
        }
    }
}
