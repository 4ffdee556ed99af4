package io.pgnode.backup.codec;

import java.io.IOException;
import java.util.List;

/**
 * Where each block of a block incremental file is stored: block number i of the file is {@code
 * blocks.get(i)}.
 *
 * @param blockSize bytes of the file in each block but the last
 * @param checksumSize bytes kept of each block's XXH3-128, 6 to 16
 */
public record BlockMap(int blockSize, int checksumSize, List<Block> blocks) {
    /**
     * @param reference index in the manifest's list of references: which backup stores it
     * @param superBlockSize bytes of the file in the super block
     * @param bundle of that backup; zero for a file of its own
     * @param offset of the super block in the bundle or file
     * @param size of the super block as stored
     * @param number of the block within the super block
     * @param checksum {@code checksumSize} bytes; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record Block(
            int reference,
            long superBlockSize,
            long bundle,
            long offset,
            long size,
            long number,
            byte[] checksum) {}

    public BlockMap {
        if (blockSize <= 0) {
            throw new IllegalArgumentException("block size must be positive, was " + blockSize);
        }
        if (checksumSize <= 0 || checksumSize > Xxh3.BYTES) {
            throw new IllegalArgumentException(
                    "block checksum size must be 1..16, was " + checksumSize);
        }
        blocks = List.copyOf(blocks);
    }

    /** As pgBackRest stores it, before encryption. */
    public byte[] encode() {
        return new BlockMapEncoder(this).encode();
    }

    /**
     * @throws IOException when it is not such a map
     */
    public static BlockMap decode(
            byte[] data, int offset, int length, int blockSize, int checksumSize)
            throws IOException {
        return new BlockMapDecoder(new Varint.Reader(data, offset, length), blockSize, checksumSize)
                .decode();
    }
}
