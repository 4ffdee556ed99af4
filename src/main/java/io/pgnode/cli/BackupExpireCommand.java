package io.pgnode.cli;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.ExpireRequest;
import io.pgnode.backup.repo.RepositorySettings;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "expire",
        mixinStandardHelpOptions = true,
        description = {
            "Remove backups and WAL that the retention does not keep; also done after each backup.",
            "Tells a reason for each."
        })
final class BackupExpireCommand extends BackupNodeCommand.OfRepository {
    @Option(names = "--dry-run", description = "Say what would be removed, and remove nothing.")
    boolean dryRun;

    @Option(
            names = "--set",
            paramLabel = "LABEL",
            description = "This backup and those based on it, whatever the retention says.")
    @Nullable String set;

    @Option(names = "--oldest", description = "The oldest full backup and those based on it.")
    boolean oldest;

    @Override
    ExitCode run(Console console, BackupNode node) throws Exception {
        Instant now = Instant.now();
        ExpireRequest request =
                new ExpireRequest(set == null ? null : new BackupLabel(set), oldest, now);
        for (RepositorySettings each : node.repositories(repository)) {
            BackupExpiry.run(node, each, request, dryRun).lines().forEach(console::println);
        }
        return ExitCode.OK;
    }
}
