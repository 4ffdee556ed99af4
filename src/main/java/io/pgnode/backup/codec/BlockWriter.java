package io.pgnode.backup.codec;

import io.pgnode.backup.core.CompressType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Stores a file block incrementally: takes its bytes, gives super blocks of the blocks that are not
 * in the prior map, then the new map.
 */
public final class BlockWriter implements Filter {
    /**
     * @param reference index of this backup in its manifest's list of references
     * @param bundle where it is stored, zero for a file of its own
     * @param offset where in the bundle it starts
     * @param prior the map of the backup that this one refers to
     * @param pass when encrypted
     */
    public record Settings(
            int blockSize,
            int checksumSize,
            int superBlockSize,
            int reference,
            long bundle,
            long offset,
            @Nullable BlockMap prior,
            CompressType compress,
            int level,
            byte @Nullable [] pass) {}

    public BlockWriter(Settings settings) {
        throw new UnsupportedOperationException("" + settings.blockSize);
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        throw new IOException();
    }

    @Override
    public void finish(Sink out) throws IOException {
        throw new IOException();
    }

    /**
     * Bytes of the map as stored at the end; zero when the file is the same as before (or empty):
     * then nothing at all was stored, and the manifest refers to the prior backup.
     */
    public long mapSize() {
        throw new UnsupportedOperationException();
    }

    /** After {@link #finish}. */
    public BlockMap map() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
