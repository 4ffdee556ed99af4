package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.ExpireRequest;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.upkeep.ExpireResult;
import io.pgnode.backup.upkeep.Expirer;
import java.time.Instant;
import java.time.ZoneId;

/** Expires what the retention does not keep, under pgBackRest's lock. */
final class BackupExpiry {
    private BackupExpiry() {}

    /** After a backup. */
    static void run(Console console, BackupNode node, RepositorySettings repository)
            throws BackupException {
        ExpireResult result =
                run(node, repository, ExpireRequest.byRetention(Instant.now()), false);
        result.plan()
                .removals()
                .forEach(
                        gone ->
                                console.note(
                                        "repo%d: expired %s: %s"
                                                .formatted(
                                                        repository.key(),
                                                        gone.label(),
                                                        gone.reason())));
        result.notes().forEach(console::note);
    }

    static ExpireResult run(
            BackupNode node, RepositorySettings settings, ExpireRequest request, boolean dryRun)
            throws BackupException {
        RepositoryLocks locks = new RepositoryLocks(node.config().backup().lockPath());
        try (Repository repository = Repository.open(settings);
                RepositoryLocks.Held _ =
                        locks.acquire(
                                settings.stanza(), RepositoryLocks.Type.BACKUP, settings.key())) {
            return new Expirer(
                            repository,
                            node.settings().retention(settings.key()),
                            ZoneId.systemDefault())
                    .run(request, dryRun);
        }
    }
}
