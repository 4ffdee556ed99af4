package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** What the system's answer about a file means. */
final class PosixFailure {
    private PosixFailure() {}

    /**
     * @param doing such as {@code write}
     */
    static StorageException of(String doing, Path path, IOException cause) {
        if (cause instanceof StorageException known) {
            return known;
        }
        Kind kind = kind(cause);
        if (kind == Kind.OTHER && doing.equals("write") && isFull(path)) {
            kind = Kind.FULL;
        }
        return new StorageException(
                kind, "cannot " + doing + " " + path + ": " + reason(cause) + hint(kind), cause);
    }

    private static Kind kind(IOException cause) {
        return switch (cause) {
            case NoSuchFileException _ -> Kind.MISSING;
            case AccessDeniedException _ -> Kind.DENIED;
            case FileAlreadyExistsException _ -> Kind.EXISTS;
            default ->
                    // The number of the error is nowhere to be had.
                    switch (reason(cause)) {
                        case "no space left on device", "disk quota exceeded" -> Kind.FULL;
                        case "operation not permitted", "read-only file system" -> Kind.DENIED;
                        case "stale file handle",
                                "connection timed out",
                                "host is down",
                                "no route to host",
                                "transport endpoint is not connected" ->
                                Kind.UNREACHABLE;
                        default -> Kind.OTHER;
                    };
        };
    }

    static boolean isNotDirectory(IOException cause) {
        return reason(cause).equals("not a directory");
    }

    private static String reason(IOException cause) {
        String text =
                switch (cause) {
                    case NoSuchFileException _ -> "no such file";
                    case AccessDeniedException _ -> "permission denied";
                    case FileAlreadyExistsException _ -> "it exists";
                    case FileSystemException e -> e.getReason();
                    default -> cause.getMessage();
                };
        return text == null ? cause.getClass().getSimpleName() : text.toLowerCase(Locale.ROOT);
    }

    /** In other languages the system says it in other words. */
    private static boolean isFull(Path path) {
        try {
            Path parent = path.getParent();
            return parent != null && Files.getFileStore(parent).getUsableSpace() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static String hint(Kind kind) {
        return switch (kind) {
            case DENIED -> "\nHINT: check the owner and the mode of the repository's directories";
            case FULL -> "\nHINT: free space, or let more backups expire";
            case UNREACHABLE -> "\nHINT: check the server of the mounted file system";
            case MISSING, EXISTS, DAMAGED, OTHER -> "";
        };
    }
}
