package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.engine.BackupResult;
import io.pgnode.backup.repo.RepositorySettings;

import java.io.IOException;

/** What expires after a backup. */
final class BackupExpiry {
    private BackupExpiry() {}

    static void run(
            Console console, BackupNode node, RepositorySettings repository, BackupResult result)
            throws BackupException, IOException {}
}
