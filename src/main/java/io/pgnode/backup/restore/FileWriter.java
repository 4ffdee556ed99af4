package io.pgnode.backup.restore;

import io.pgnode.backup.codec.Sha1;
import io.pgnode.backup.core.Checksum;
import io.pgnode.os.EarlyWriteback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Writes a file and digests it: in one pass when its bytes come in order, else with a second one
 * over what was written. One thread.
 */
final class FileWriter implements AutoCloseable {
    private static final int BUFFER = 256 * 1024;

    /** What the kernel is given to write at once while the file is being written. */
    private static final int WRITEBACK = 1024 * 1024;

    private final Path path;
    private final FileChannel channel;
    private final EarlyWriteback writeback;
    private final Sha1 sha1 = new Sha1();
    private final CRC32C crc = new CRC32C();

    /** Where the digests are; bytes written elsewhere end that. */
    private long digested;

    private boolean inOrder = true;
    private long end;

    /** Replaces what is there, without changing what else links to it. */
    FileWriter(Path path) throws WriteFailure {
        this.path = path;
        this.writeback = new EarlyWriteback(path, WRITEBACK);
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(path);
            }
            this.channel =
                    FileChannel.open(
                            path,
                            Set.of(
                                    StandardOpenOption.CREATE_NEW,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.READ),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    /** Appends. */
    void write(byte[] data, int offset, int length) throws WriteFailure {
        write(end, data, offset, length);
    }

    void write(long at, byte[] data, int offset, int length) throws WriteFailure {
        try {
            ByteBuffer rest = ByteBuffer.wrap(data, offset, length);
            long position = at;
            while (rest.hasRemaining()) {
                position += channel.write(rest, position);
            }
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
        end = Math.max(end, at + length);
        if (inOrder && at == digested) {
            sha1.update(data, offset, length);
            crc.update(data, offset, length);
            digested += length;
            writeback.written(end);
        } else {
            inOrder = false;
        }
    }

    long size() {
        return end;
    }

    /** Of all that was written; once, after the last byte. */
    Digests digests() throws WriteFailure {
        if (inOrder) {
            return new Digests(end, sha1.digest(), (int) crc.getValue());
        }
        try {
            return Digests.of(channel);
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    @Override
    public void close() throws WriteFailure {
        try (writeback) {
            writeback.written(end);
            channel.close();
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    /**
     * What a file's content is.
     *
     * @param size bytes
     */
    record Digests(long size, Checksum sha1, int crc32c) {
        /** Of nothing. */
        static final Digests EMPTY = new Digests(0, Checksum.OF_NOTHING, 0);

        static Digests of(FileChannel channel) throws IOException {
            Sha1 sha1 = new Sha1();
            CRC32C crc = new CRC32C();
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            long at = 0;
            while (true) {
                buffer.clear();
                int count = channel.read(buffer, at);
                if (count < 0) {
                    return new Digests(at, sha1.digest(), (int) crc.getValue());
                }
                sha1.update(buffer.array(), 0, count);
                crc.update(buffer.array(), 0, count);
                at += count;
            }
        }
    }
}
