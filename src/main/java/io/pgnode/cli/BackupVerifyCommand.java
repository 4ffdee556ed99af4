package io.pgnode.cli;

import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.upkeep.Verifier;
import io.pgnode.backup.upkeep.VerifyReport;
import picocli.CommandLine.Command;

@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Read all backups and all WAL, and compare them with what they must be.",
            "Exits with 1 when anything is damaged, and names it."
        })
final class BackupVerifyCommand extends BackupNodeCommand.OfRepository {
    @Override
    ExitCode run(Console console, BackupNode node) throws Exception {
        boolean isClean = true;
        for (RepositorySettings each : node.repositories(repository)) {
            try (Repository open = Repository.open(each)) {
                VerifyReport report = new Verifier(open, node.settings().workers()).run();
                report.lines().forEach(console::println);
                isClean &= report.isClean();
            }
        }
        return isClean ? ExitCode.OK : ExitCode.FAILED;
    }
}
