package io.pgnode.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Replaces a file as a whole: after a crash at any moment it has either the old or the new content.
 *
 * <p>Writes a temporary file beside it, syncs it, renames it, syncs the directory. One writer at a
 * time per path.
 */
public final class AtomicFile {
    /** Readable and writable by the owner only; the mode for anything that may hold a secret. */
    public static final String OWNER_ONLY = "rw-------";

    private AtomicFile() {}

    /**
     * @param mode permissions such as {@code rw-------}, whatever the umask
     */
    public static void write(Path path, byte[] content, String mode) throws IOException {
        Path target = path.toAbsolutePath();
        Path directory = target.getParent();
        if (directory == null) {
            throw new IOException(path + " is not a file");
        }
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
        Files.deleteIfExists(temporary);
        try {
            writeDurably(temporary, content, permissions);
            Files.move(
                    temporary,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        Directories.sync(directory);
    }

    /** As {@link #write(Path, byte[], String)}, in UTF-8. */
    public static void write(Path path, String content, String mode) throws IOException {
        write(path, content.getBytes(StandardCharsets.UTF_8), mode);
    }

    private static void writeDurably(
            Path file, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString(OWNER_ONLY)))) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            Files.setPosixFilePermissions(file, permissions);
            channel.force(true);
        }
    }
}
