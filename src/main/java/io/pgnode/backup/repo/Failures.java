package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.storage.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Turns what a storage throws into what a command ends with. */
public final class Failures {
    private Failures() {}

    /**
     * @param what was tried: {@code cannot push 000000010000000000000001 to repo1 (/backup)}
     */
    public static BackupException of(String what, IOException cause) {
        BackrestExit exit =
                cause instanceof StorageException storage
                        ? exit(storage.kind())
                        : cause instanceof UnreadableException
                                ? BackrestExit.CRYPTO
                                : BackrestExit.FILE_READ;
        return new BackupException(exit, what + ": " + cause.getMessage(), hint(cause), cause);
    }

    private static BackrestExit exit(StorageException.Kind kind) {
        return switch (kind) {
            case MISSING -> BackrestExit.FILE_MISSING;
            case DENIED -> BackrestExit.ACCESS;
            case FULL -> BackrestExit.FILE_WRITE;
            case EXISTS -> BackrestExit.PATH_NOT_EMPTY;
            case UNREACHABLE -> BackrestExit.HOST_CONNECT;
            case DAMAGED -> BackrestExit.FILE_INVALID;
            case OTHER -> BackrestExit.FILE_OPEN;
        };
    }

    private static @Nullable String hint(IOException cause) {
        return cause instanceof StorageException storage
                ? switch (storage.kind()) {
                    case DENIED -> "see that the repository's user, keys and permissions are right";
                    case FULL -> "make room in the repository: shorter retention, or more space";
                    case MISSING, EXISTS, UNREACHABLE, DAMAGED, OTHER -> null;
                }
                : null;
    }
}
