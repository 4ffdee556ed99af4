package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.repo.Repository;
import java.io.IOException;

/** Places of a stanza's files, and how failures of the storage are told. */
final class Upkeep {
    static final String MANIFEST = "backup.manifest";
    static final String COPY = ".copy";
    static final String HISTORY = "backup.history";

    private Upkeep() {}

    static String archive(Repository repository) {
        return "archive/" + repository.stanza();
    }

    static String backup(Repository repository) {
        return "backup/" + repository.stanza();
    }

    static String manifest(Repository repository, BackupLabel label) {
        return repository.backups().directory(label) + "/" + MANIFEST;
    }

    static boolean exists(Repository repository, String path) throws BackupException {
        try {
            return repository.storage().info(path).isPresent();
        } catch (IOException e) {
            throw failed(repository, "asked for " + path, e);
        }
    }

    static BackupException failed(Repository repository, String what, IOException cause) {
        return new BackupException(
                BackrestExit.FILE_READ,
                repository.describe() + " could not be " + what + ": " + cause.getMessage(),
                null,
                cause);
    }

    static BackupException notWritten(Repository repository, String what, IOException cause) {
        return new BackupException(
                BackrestExit.FILE_WRITE,
                repository.describe() + ": " + what + " failed: " + cause.getMessage(),
                "run it again when the cause is gone: what was begun is brought to an end",
                cause);
    }
}
