package io.pgnode.backup.storage;

import io.pgnode.os.Directories;
import io.pgnode.os.EarlyWriteback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file that is written under another name beside its own. */
final class PosixOutput implements StorageOutput {
    /** As pgBackRest's files. */
    private static final Set<PosixFilePermission> MODE =
            PosixFilePermissions.fromString("rw-r-----");

    private static final int BUFFER = 64 * 1024;

    /** What the kernel is given to write at once; smaller files, such as WAL, stay in its cache. */
    private static final long WRITEBACK = 16L * 1024 * 1024;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final EarlyWriteback writeback;
    private long written;
    private @Nullable ByteBuffer buffer;
    private boolean ended;

    /** The directory must be there. */
    static PosixOutput create(Path target, Path temporary) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        temporary,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(MODE));
        return new PosixOutput(target, temporary, channel);
    }

    private PosixOutput(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.writeback = new EarlyWriteback(temporary, WRITEBACK);
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (ended) {
            throw new IllegalStateException(target + " is not being written any more");
        }
        if (buffer != null && length > buffer.remaining()) {
            flush();
        }
        if (length >= BUFFER) {
            writeOut(ByteBuffer.wrap(data, offset, length));
        } else {
            if (buffer == null) {
                buffer = ByteBuffer.allocate(BUFFER);
            }
            buffer.put(data, offset, length);
        }
    }

    private void flush() throws IOException {
        if (buffer != null) {
            writeOut(buffer.flip());
            buffer.clear();
        }
    }

    private void writeOut(ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        try {
            while (bytes.position() < end) {
                // Java keeps a copy of what is written at once, outside of the heap.
                bytes.limit(Math.min(end, bytes.position() + 2 * BUFFER));
                written += channel.write(bytes);
            }
            writeback.written(written);
        } catch (IOException e) {
            throw PosixFailure.of("write", target, e);
        }
    }

    @Override
    public void commit() throws IOException {
        try {
            sync();
            Files.move(
                    temporary,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            ended = true;
            syncDirectory();
        } catch (IOException e) {
            throw PosixFailure.of("write", target, e);
        } finally {
            close();
        }
    }

    /**
     * As {@link #commit}, when there is no file of that name.
     *
     * @return whether there was none
     */
    boolean commitNew() throws IOException {
        try {
            sync();
            boolean done = linked();
            if (done) {
                syncDirectory();
            }
            return done;
        } catch (UnsupportedOperationException e) {
            throw new StorageException(
                    StorageException.Kind.OTHER,
                    "cannot write " + target + " only if it is not there: no hard links",
                    e);
        } catch (IOException e) {
            throw PosixFailure.of("write", target, e);
        } finally {
            close();
        }
    }

    private boolean linked() throws IOException {
        try {
            Files.createLink(target, temporary);
            return true;
        } catch (FileAlreadyExistsException _) {
            // NFS says so, too, when its first answer was lost.
            return Files.isSameFile(target, temporary);
        }
    }

    private void sync() throws IOException {
        if (ended) {
            throw new IllegalStateException(target + " is not being written any more");
        }
        flush();
        // The umask may have taken bits away.
        Files.setPosixFilePermissions(temporary, MODE);
        channel.force(true);
        writeback.forget();
        channel.close();
    }

    private void syncDirectory() throws IOException {
        Directories.sync(Objects.requireNonNull(target.getParent()));
    }

    @Override
    public void close() {
        buffer = null;
        try (writeback) {
            channel.close();
            if (!ended) {
                ended = true;
                Files.deleteIfExists(temporary);
            }
        } catch (IOException _) {
            // What is left is not visible, and removed later with what others left.
        }
    }
}
