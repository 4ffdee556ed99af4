package io.pgnode.cli;

import io.pgnode.agent.Agent;
import io.pgnode.agent.BackupCommands;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.dcs.Dcs;
import io.pgnode.supervisor.ChildCommand;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgnode agent}: the HA part of a node; normally started by {@code pgnode run}. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the HA agent: holds the lease, controls PostgreSQL, serves the REST API.",
            "Normally a child of \"pgnode run\", which guards it; alone, nobody fences PostgreSQL when this process hangs."
        })
public final class AgentCommand implements Callable<Integer> {
    @Mixin NodeFile file = new NodeFile();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        LoadedConfig config;
        try {
            config = ConfigLoader.load(file.path, environment);
        } catch (ConfigProblems e) {
            throw NodeFile.notStarted(e);
        }
        try (Dcs dcs = DcsClients.open(config.config());
                BackupWatch backups = BackupWatch.start(config.config(), dcs)) {
            String why =
                    new Agent(
                                    file.path,
                                    config,
                                    environment,
                                    backup(config.config()),
                                    backups::status,
                                    dcs)
                            .run();
            if (why.equals("stopped")) {
                return 0;
            }
            throw new CliException(ExitCode.REFUSED, why, "");
        } catch (Agent.StartProblem e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), e.hint());
        }
    }

    private BackupCommands backup(PgnodeConfig config) throws IOException {
        List<String> program = ChildCommand.self().prefix();
        BackupCommands commands =
                config.backup().repositories().isEmpty()
                        ? BackupCommands.NONE
                        : BackupCommands.of(program, file.path);
        return config.bootstrap().source().stanza().isPresent()
                ? commands.withSource(program, file.path)
                : commands;
    }
}
