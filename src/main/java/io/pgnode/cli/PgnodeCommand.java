package io.pgnode.cli;

import io.pgnode.Pgnode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The top command. Its subcommands are grouped in {@link CommandGroups}, which a test compares with
 * the list here.
 */
@Command(
        name = "pgnode",
        mixinStandardHelpOptions = true,
        version = "pgnode " + Pgnode.VERSION,
        description = "Turns a Linux host with PostgreSQL into a node of a production cluster.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ListCommand.class,
            TopologyCommand.class,
            HistoryCommand.class,
            ShowConfigCommand.class,
            SwitchoverCommand.class,
            FailoverCommand.class,
            PitrCommand.class,
            RestartCommand.class,
            ReloadCommand.class,
            ReinitCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            FlushCommand.class,
            EditConfigCommand.class,
            HoldCommand.class,
            ReleaseCommand.class,
            RemoveCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            ArchiverCommand.class,
            RunCommand.class,
            AgentCommand.class,
            ConfigCommand.class,
            DcsCommand.class,
            PoolerCommand.class,
            GatewayCommand.class,
            VersionCommand.class,
            CompletionCommand.class,
            DemoCommand.class,
        })
public class PgnodeCommand {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of an error.")
    boolean debug;

    @Option(
            names = "--color",
            scope = ScopeType.INHERIT,
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "Colours: ${COMPLETION-CANDIDATES} (default: auto).")
    ColorMode color = ColorMode.auto;

    private @Nullable Surroundings surroundings;

    public PgnodeCommand() {}

    PgnodeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Looked up when first needed: never while the image is built. */
    Surroundings surroundings() {
        Surroundings known = surroundings;
        if (known == null) {
            known = Surroundings.ofProcess();
            surroundings = known;
        }
        return known;
    }
}
