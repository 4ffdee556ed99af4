package io.pgnode.backup.codec;

import io.pgnode.backup.core.CompressType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rebuilds a file from its block map and the super blocks in a chain of backups. */
public final class BlockReader {
    /** A contiguous run of super blocks to read from one backup. */
    public record Range(
            int reference, long bundle, long offset, long size, List<SuperBlock> parts) {
        public Range {
            parts = List.copyOf(parts);
        }
    }

    /** Which of its blocks are wanted, ascending, and where in the file each goes. */
    public record SuperBlock(long size, int[] numbers, long[] fileOffsets) {}

    /** Takes a block of the file. The array is the reader's again when the call returns. */
    @FunctionalInterface
    public interface BlockSink {
        void accept(long fileOffset, byte[] data, int offset, int length) throws IOException;
    }

    /**
     * @param pass when encrypted
     */
    public BlockReader(BlockMap map, long fileSize, CompressType compress, byte @Nullable [] pass) {
        throw new UnsupportedOperationException("" + map + fileSize + compress + (pass == null));
    }

    /** Decodes a map as stored: {@code bim} bytes at the end of the file's stored bytes. */
    public static BlockMap readMap(
            byte[] stored, int blockSize, int checksumSize, byte @Nullable [] pass)
            throws IOException {
        throw new IOException(stored.length + " " + blockSize + checksumSize + (pass == null));
    }

    /** All that must be read for the whole file. */
    public List<Range> ranges() {
        throw new UnsupportedOperationException();
    }

    /**
     * What must be read to bring an existing file up to date.
     *
     * @param existing hashes of its blocks, {@code checksumSize} bytes each, one after the other
     */
    public List<Range> ranges(byte[] existing) {
        throw new UnsupportedOperationException("" + existing.length);
    }

    /**
     * Decodes one range.
     *
     * @param in of exactly {@code range.size()} bytes from {@code range.offset()}
     */
    public void read(Range range, InputStream in, BlockSink out) throws IOException {
        throw new IOException(range + " " + in + out);
    }
}
