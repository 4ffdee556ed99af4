package io.pgnode.cli;

import io.pgnode.agent.Logging;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.guard.RunFiles;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
            "SIGHUP reloads the configuration, SIGTERM stops."
        })
public final class GatewayCommand implements Callable<Integer> {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "${PGNODE_CONFIG:-/etc/pgnode/pgnode.yml}",
            description = "Configuration file (default: ${DEFAULT-VALUE}).")
    Path configFile = Path.of("/etc/pgnode/pgnode.yml");

    @Option(
            names = "--take-over",
            description = {
                "Take the listeners of the gateway that runs: no client is refused, and it",
                "ends when its own have left. As without it when none runs."
            })
    private boolean takeOver;

    @Override
    public Integer call() throws InterruptedException, IOException {
        PgnodeConfig config = load();
        Logging.apply(config.log());
        RunFiles files = new RunFiles(config.runDir());
        if (!config.gateway().members().isEmpty()) {
            return new GatewayProcess(configFile, config, files, false, takeOver).run();
        }
        Directories.create(files.directory(), "rwx------");
        return new GatewayProcess(configFile, config, files, true, takeOver).run();
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
}
