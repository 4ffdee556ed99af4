package io.pgnode.backup.core;

/**
 * How a file that is stored in blocks is stored.
 *
 * @param blockSize bytes, a multiple of 8192
 * @param checksumSize bytes of each block's checksum that are kept: 6 to 16
 * @param mapSize bytes of the block map at the end of what is stored
 */
public record BlockIncremental(int blockSize, int checksumSize, long mapSize) {
    /** The manifest's unit of block sizes. */
    public static final int UNIT = 8192;

    /** The checksum size that manifests leave out. */
    public static final int DEFAULT_CHECKSUM_SIZE = 6;
}
