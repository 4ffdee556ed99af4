package io.pgnode.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories: durable entries, creation, free space. */
public final class Directories {
    private Directories() {}

    /** Makes the entries of the directory durable: a rename or a new file survives power loss. */
    public static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Creates the directory and its parents where missing; an existing one keeps its mode.
     *
     * @param mode permissions of a new directory, {@code rwx------}
     */
    public static void create(Path directory, String mode) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createDirectory(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        // The umask may have taken bits away.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }

    /** Bytes that this user may still write to the file system of the path. */
    public static long freeBytes(Path path) throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }

    /** Size of the file system of the path in bytes. */
    public static long totalBytes(Path path) throws IOException {
        return Files.getFileStore(path).getTotalSpace();
    }
}
