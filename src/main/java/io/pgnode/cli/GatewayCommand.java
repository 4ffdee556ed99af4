package io.pgnode.cli;

import io.pgnode.agent.Logging;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.guard.RunFiles;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin NodeFile file = new NodeFile();

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
            return new GatewayProcess(file.path, config, files, false, takeOver).run();
        }
        Directories.create(files.directory(), "rwx------");
        return new GatewayProcess(file.path, config, files, true, takeOver).run();
    }

    private PgnodeConfig load() {
        try {
            return NodeConfiguration.load(file.path, System.getenv()).config();
        } catch (ConfigProblems e) {
            throw NodeFile.notStarted(e);
        }
    }
}
