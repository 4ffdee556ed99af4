package io.pgnode.backup.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks the pages of one relation segment as its bytes pass by.
 *
 * <p>A page that PostgreSQL is writing just now may look damaged; so a bad one is read once more,
 * and counts as an error only when it has not changed: a page that changes will be repaired from
 * WAL.
 */
public final class PageVerifier {
    /**
     * The pages whose checksum is wrong.
     *
     * @param aligned whether the segment ends with a whole page
     */
    public record Result(boolean aligned, List<Range> errors) {
        public Result {
            errors = List.copyOf(errors);
        }

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

    private final int pageSize;
    private final long firstBlock;
    private final @Nullable Reread reread;

    /** A page that came in pieces. */
    private final byte[] partial;

    private int partialLength;
    private long pages;
    private final List<Range> errors = new ArrayList<>();

    /**
     * @param firstBlock the segment's first block: its number times blocks per segment
     * @param reread null to believe what was read first
     */
    public PageVerifier(int pageSize, long firstBlock, @Nullable Reread reread) {
        this.pageSize = pageSize;
        this.firstBlock = firstBlock;
        this.reread = reread;
        this.partial = new byte[pageSize];
    }

    public void update(byte[] data, int offset, int length) throws IOException {
        int position = offset;
        int end = offset + length;
        if (partialLength > 0) {
            position += keep(data, position, Math.min(pageSize - partialLength, length));
            if (partialLength < pageSize) {
                return;
            }
            partialLength = 0;
            check(partial, 0);
        }
        for (; end - position >= pageSize; position += pageSize) {
            check(data, position);
        }
        keep(data, position, end - position);
    }

    private int keep(byte[] data, int offset, int length) {
        System.arraycopy(data, offset, partial, partialLength, length);
        partialLength += length;
        return length;
    }

    private void check(byte[] data, int offset) throws IOException {
        long block = firstBlock + pages;
        if (!PageChecksum.isValid(data, offset, pageSize, block) && isSame(data, offset)) {
            addError(block);
        }
        pages++;
    }

    /** Whether the file still has the page as it was read. */
    private boolean isSame(byte[] data, int offset) throws IOException {
        if (reread == null) {
            return true;
        }
        byte[] again = new byte[pageSize];
        return reread.read(pages * pageSize, again) == pageSize
                && Arrays.equals(again, 0, pageSize, data, offset, offset + pageSize);
    }

    private void addError(long block) {
        int last = errors.size() - 1;
        if (last >= 0 && errors.get(last).last() == block - 1) {
            errors.set(last, new Range(errors.get(last).first(), block));
        } else {
            errors.add(new Range(block, block));
        }
    }

    /** After the last byte. */
    public Result result() {
        return new Result(partialLength == 0, errors);
    }
}
