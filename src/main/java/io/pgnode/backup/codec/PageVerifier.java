package io.pgnode.backup.codec;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/**
 * Checks the pages of one relation segment as its bytes pass by.
 *
 * <p>A page that PostgreSQL is writing just now may look damaged; so a bad one is read once more,
 * and counts as an error only when it has not changed: a page that changes will be repaired from
 * WAL.
 */
public final class PageVerifier {
    /** The pages whose checksum is wrong; ranges as pgBackRest's manifest counts them. */
    public record Result(boolean aligned, List<Range> errors) {
        public boolean valid() {
            return aligned && errors.isEmpty();
        }
    }

    /** Blocks of the relation, both included. */
    public record Range(long first, long last) {}

    /** Reads a page again. */
    @FunctionalInterface
    public interface Reread {
        /**
         * Fills the array from the file's offset.
         *
         * @return how many bytes there were; fewer when the file is shorter by now
         */
        int read(long offset, byte[] page) throws IOException;
    }

    /**
     * @param firstBlock the segment's first block: its number times blocks per segment
     * @param reread null to believe what was read first
     */
    public PageVerifier(int pageSize, long firstBlock, @Nullable Reread reread) {
        throw new UnsupportedOperationException(pageSize + " " + firstBlock + reread);
    }

    public void update(byte[] data, int offset, int length) throws IOException {
        throw new IOException(data.length + " " + offset + length);
    }

    /** After the last byte. */
    public Result result() {
        throw new UnsupportedOperationException();
    }
}
