package io.pgnode.backup.codec;

import io.pgnode.backup.core.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a stream: page check, digest, filters, digest, sink. No bytes are copied but by the
 * filters. Used by one thread at a time.
 */
public final class Pipeline implements AutoCloseable {
    /** How much is best given at once. */
    public static final int BLOCK_SIZE = 1 << 20;

    /** What is digested. */
    public enum Digests {
        NONE,
        INPUT,
        OUTPUT,
        BOTH
    }

    /** What went in and what came out; a digest is null where none was asked for. */
    public record Result(
            long inputSize, @Nullable Checksum input, long outputSize, @Nullable Checksum output) {
        /** The digest of the input, where asked for. */
        public Checksum inputChecksum() {
            return Objects.requireNonNull(input, "input was not digested");
        }

        /** The digest of the output, where asked for. */
        public Checksum outputChecksum() {
            return Objects.requireNonNull(output, "output was not digested");
        }
    }

    private final Filter filter;
    private final boolean filtered;
    private final Digests digests;
    private final @Nullable PageVerifier pages;
    private final @Nullable Sha1 inputSha1;
    private final @Nullable Sha1 outputSha1;
    private final Sink out;
    private final Sink counting = this::give;
    private long inputSize;
    private long outputSize;

    /**
     * Closes the filters when closed.
     *
     * @param pages sees all of the input, if given
     */
    public Pipeline(List<Filter> filters, Digests digests, @Nullable PageVerifier pages, Sink out) {
        this.filter = Filters.chain(filters);
        this.filtered = !(filter instanceof NoFilter);
        this.digests = digests;
        this.pages = pages;
        this.out = out;
        // What is not filtered has one digest, computed once.
        this.inputSha1 =
                digests == Digests.INPUT
                                || digests == Digests.BOTH
                                || digests == Digests.OUTPUT && !filtered
                        ? new Sha1()
                        : null;
        this.outputSha1 =
                filtered && (digests == Digests.OUTPUT || digests == Digests.BOTH)
                        ? new Sha1()
                        : null;
    }

    public void update(byte[] data, int offset, int length) throws IOException {
        if (pages != null) {
            pages.update(data, offset, length);
        }
        if (inputSha1 != null) {
            inputSha1.update(data, offset, length);
        }
        inputSize += length;
        filter.update(data, offset, length, counting);
    }

    private void give(byte[] data, int offset, int length) throws IOException {
        if (outputSha1 != null) {
            outputSha1.update(data, offset, length);
        }
        outputSize += length;
        out.accept(data, offset, length);
    }

    /** After the last byte; once. */
    public Result finish() throws IOException {
        filter.finish(counting);
        Checksum input = inputSha1 == null ? null : inputSha1.digest();
        Checksum output = outputSha1 == null ? null : outputSha1.digest();
        boolean wantsInput = digests == Digests.INPUT || digests == Digests.BOTH;
        boolean wantsOutput = digests == Digests.OUTPUT || digests == Digests.BOTH;
        return new Result(
                inputSize,
                wantsInput ? input : null,
                outputSize,
                wantsOutput && !filtered ? input : output);
    }

    /**
     * Gives the input's bytes, at most {@code limit} of them, then {@link #finish}.
     *
     * @param buffer what to read into; {@link #BLOCK_SIZE} is a good size
     */
    public Result copy(InputStream in, long limit, byte[] buffer) throws IOException {
        long left = limit;
        while (left > 0) {
            int count = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
            if (count == 0) {
                break;
            }
            update(buffer, 0, count);
            left -= count;
        }
        return finish();
    }

    @Override
    public void close() {
        filter.close();
    }
}
