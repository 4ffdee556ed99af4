package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.upkeep.Annotator;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "annotate",
        mixinStandardHelpOptions = true,
        description = "Change the annotations of a backup.")
final class BackupAnnotateCommand extends BackupNodeCommand {
    @Option(
            names = "--repo",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "The repository (default: ${DEFAULT-VALUE}).")
    int repository = 1;

    @Parameters(index = "0", paramLabel = "LABEL", description = "The backup.")
    String label = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "What it gets; KEY= removes one.")
    Map<String, String> changes = new TreeMap<>();

    @Override
    ExitCode run(Console console, BackupNode node) throws BackupException, IOException {
        RepositorySettings settings = node.repositories(repository).getFirst();
        RepositoryLocks locks = new RepositoryLocks(node.config().backup().lockPath());
        try (Repository open = Repository.open(settings);
                RepositoryLocks.Held _ =
                        locks.acquire(
                                settings.stanza(), RepositoryLocks.Type.BACKUP, settings.key())) {
            Annotator.annotate(open, new BackupLabel(label), changes);
        }
        console.println("repo%d: %s annotated".formatted(repository, label));
        return ExitCode.OK;
    }
}
