package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** A file, or a part of one, as a stream. */
final class PosixInput extends InputStream {
    /** The whole file, however long. */
    static final long ALL = -1;

    private final Path path;
    private final FileChannel channel;
    private final long end;
    private long position;

    /**
     * @param length {@link #ALL}, or bytes that must be there
     */
    static PosixInput open(Path path, long offset, long length) throws IOException {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new PosixInput(path, channel, offset, length);
        } catch (IOException e) {
            throw PosixFailure.of("read", path, e);
        }
    }

    private PosixInput(Path path, FileChannel channel, long offset, long length) {
        this.path = path;
        this.channel = channel;
        this.position = offset;
        this.end = length == ALL ? Long.MAX_VALUE : offset + length;
    }

    long size() throws IOException {
        return channel.size();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        int wanted = (int) Math.min(length, end - position);
        if (length == 0 || wanted == 0) {
            return length == 0 ? 0 : -1;
        }
        int count;
        try {
            count = channel.read(ByteBuffer.wrap(data, offset, wanted), position);
        } catch (IOException e) {
            throw PosixFailure.of("read", path, e);
        }
        if (count < 0 && end != Long.MAX_VALUE) {
            throw new StorageException(
                    Kind.DAMAGED,
                    path + " ends at byte " + position + ", " + (end - position) + " are missing");
        }
        position += Math.max(count, 0);
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
