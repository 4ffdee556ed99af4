package io.pgnode.cli;

import picocli.CommandLine.Command;

/** The group of commands about backups. */
@Command(
        name = "backup",
        description = "Make, list, check and expire backups.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            BackupRunCommand.Full.class,
            BackupRunCommand.Diff.class,
            BackupRunCommand.Incr.class,
            BackupListCommand.class,
            BackupInfoCommand.class,
            BackupCheckCommand.class,
            BackupVerifyCommand.class,
            BackupExpireCommand.class,
            BackupAnnotateCommand.class,
            BackupRepoLsCommand.class,
            BackupStanzaCommand.Create.class,
            BackupStanzaCommand.Upgrade.class,
            BackupAdoptCommand.class,
        })
final class BackupCommand extends CliCommand {
    @Override
    ExitCode run(Console console) {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
