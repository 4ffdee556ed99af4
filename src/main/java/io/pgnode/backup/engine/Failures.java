package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.storage.StorageException;
import io.pgnode.postgres.PostgresException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What others throw, as a backup's failure. */
final class Failures {
    private Failures() {}

    static BackupException of(String what, IOException e) {
        BackrestExit exit = BackrestExit.FILE_READ;
        String hint = null;
        if (e instanceof StorageException failed) {
            exit =
                    switch (failed.kind()) {
                        case MISSING -> BackrestExit.FILE_MISSING;
                        case DENIED -> BackrestExit.ACCESS;
                        case FULL, EXISTS -> BackrestExit.FILE_WRITE;
                        case UNREACHABLE -> BackrestExit.HOST_CONNECT;
                        case DAMAGED -> BackrestExit.CHECKSUM;
                        case OTHER -> BackrestExit.FILE_WRITE;
                    };
            hint = hint(failed);
        }
        return new BackupException(exit, what + ": " + DataLister.reason(e), hint, e);
    }

    private static @Nullable String hint(StorageException failed) {
        return switch (failed.kind()) {
            case FULL ->
                    "make room in the repository, or keep fewer backups; the next backup goes on"
                            + " where this one ended";
            case DENIED -> "check the owner and mode of the repository, or its credentials";
            case MISSING, EXISTS, UNREACHABLE, DAMAGED, OTHER -> null;
        };
    }

    static BackupException of(BackrestExit exit, PostgresException e) {
        String hint = e.hint().isEmpty() ? null : e.hint();
        return new BackupException(exit, String.valueOf(e.getMessage()), hint, e);
    }
}
