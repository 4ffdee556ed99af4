package io.pgnode.backup.codec;

import io.pgnode.backup.core.Checksum;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * One pass over a stream: page check, digest, filters, digest, sink. No bytes are copied but by the
 * filters. Used by one thread at a time.
 */
public final class Pipeline implements AutoCloseable {
    /** How much is read at once. */
    public static final int BLOCK_SIZE = 1 << 20;

    /**
     * What went in and what came out; a digest is null where none was asked for. Equal streams have
     * equal digests.
     */
    public record Result(
            long inputSize, @Nullable Checksum input, long outputSize, @Nullable Checksum output) {
        /** The digest of the input. */
        public Checksum inputChecksum() {
            return java.util.Objects.requireNonNull(input);
        }

        /** The digest of the output. */
        public Checksum outputChecksum() {
            return java.util.Objects.requireNonNull(output);
        }
    }

    /** What is digested. */
    public enum Digests {
        NONE,
        INPUT,
        OUTPUT,
        BOTH
    }

    /**
     * Closes the filters when closed.
     *
     * @param pages sees all of the input, if given
     */
    public Pipeline(List<Filter> filters, Digests digests, @Nullable PageVerifier pages, Sink out) {
        throw new UnsupportedOperationException(filters.toString() + digests + pages + out);
    }

    public void update(byte[] data, int offset, int length) throws IOException {
        throw new IOException(data.length + " " + offset + length);
    }

    /** After the last byte; once. */
    public Result finish() throws IOException {
        throw new IOException();
    }

    /**
     * Gives up to {@code limit} bytes of the input, then {@link #finish}. The buffer is reused
     * between calls of one thread.
     */
    public Result copy(InputStream in, long limit) throws IOException {
        throw new IOException(in.toString() + limit);
    }

    @Override
    public void close() {}
}
