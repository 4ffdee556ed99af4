package io.pgnode.backup.repo;

import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.Checksum;
import io.pgnode.config.Secret;
import io.pgnode.os.AtomicFile;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fetches one WAL file into a file that is there, whole and durable, or not at all. */
final class WalFetch {
    private static final int BUFFER = 1 << 18;

    private WalFetch() {}

    static void run(
            Repository repository, StoredWal stored, @Nullable Secret pass, Path destination)
            throws BackupException {
        Path target = destination.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".pgnode.tmp");
        try {
            Files.deleteIfExists(temporary);
            try {
                write(repository, stored, pass, temporary);
                Files.move(
                        temporary,
                        target,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
            Directories.sync(parent(target));
        } catch (IOException e) {
            throw Failures.of(
                    "cannot fetch " + stored.path() + " from " + repository.describe(), e);
        }
    }

    private static Path parent(Path target) throws IOException {
        Path parent = target.getParent();
        if (parent == null) {
            throw new IOException(target + " is not a file");
        }
        return parent;
    }

    private static void write(
            Repository repository, StoredWal stored, @Nullable Secret pass, Path temporary)
            throws IOException, BackupException {
        try (InputStream in = repository.files().open(stored.path(), pass);
                FileChannel out =
                        FileChannel.open(
                                temporary,
                                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString(AtomicFile.OWNER_ONLY)));
                Pipeline pipeline =
                        new Pipeline(
                                List.of(Filters.decompressor(stored.compression(), false)),
                                Pipeline.Digests.OUTPUT,
                                null,
                                (data, offset, length) -> writeAll(out, data, offset, length))) {
            Pipeline.Result result = pipeline.copy(in, Long.MAX_VALUE, new byte[BUFFER]);
            check(repository, stored, result.outputChecksum());
            out.force(true);
        }
    }

    private static void writeAll(FileChannel out, byte[] data, int offset, int length)
            throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(data, offset, length);
        while (rest.hasRemaining()) {
            out.write(rest);
        }
    }

    private static void check(Repository repository, StoredWal stored, Checksum actual)
            throws BackupException {
        Checksum expected = stored.checksum();
        if (expected != null && !expected.equals(actual)) {
            throw new BackupException(
                    BackrestExit.CHECKSUM,
                    stored.path()
                            + " in "
                            + repository.describe()
                            + " is damaged: its content has the SHA-1 "
                            + actual);
        }
    }
}
