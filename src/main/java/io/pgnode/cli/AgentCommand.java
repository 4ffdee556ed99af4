package io.pgnode.cli;

import io.pgnode.agent.Agent;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.Problem;
import io.pgnode.dcs.Dcs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgnode agent}: the HA part of a node; normally started by {@code pgnode run}. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the HA agent: holds the lease, controls PostgreSQL, serves the REST API.",
            "Normally a child of \"pgnode run\", which guards it; alone, nobody fences PostgreSQL when this process hangs."
        })
public final class AgentCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "${PGNODE_CONFIG:-/etc/pgnode/pgnode.yml}",
            description = "Configuration file (default: ${DEFAULT-VALUE}).")
    Path configFile = Path.of("/etc/pgnode/pgnode.yml");

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        LoadedConfig config;
        try {
            config = ConfigLoader.load(configFile, environment);
        } catch (ConfigProblems e) {
            throw new CliException(
                    ExitCode.USAGE,
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "nothing was started; \"pgnode config check\" shows the same report");
        }
        try (Dcs dcs = DcsClients.open(config.config())) {
            String why = new Agent(configFile, config, environment, dcs).run();
            if (why.equals("stopped")) {
                return 0;
            }
            throw new CliException(ExitCode.REFUSED, why, "");
        } catch (Agent.StartProblem e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), e.hint());
        }
    }
}
