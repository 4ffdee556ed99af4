package io.pgnode.backup.codec;

/**
 * The sizes of block incremental backup. Bytes.
 *
 * <p>pgBackRest gives blocks of up to 88 KiB to large files. Random updates change most of those,
 * and few pages: blocks are as small as the format allows, here, for a map of 0.1 % of the file. It
 * reads and continues them: the manifest says the size for each file.
 */
public final class BlockSizes {
    private static final int KIB = 1024;
    private static final long DAY = 24 * 60 * 60;

    /** A page of PostgreSQL, and the unit in which the manifest counts. */
    private static final int BLOCK = 8 * KIB;

    /** A file of two blocks, the smallest that is worth a map. */
    private static final int MIN_FILE = 2 * BLOCK;

    /** Blocks from which size in KiB, and how many bytes of their hash are kept. */
    private static final int[][] CHECKSUMS = {
        {4096, 12}, {2048, 11}, {1024, 10}, {512, 9}, {128, 8}, {32, 7}, {0, 6},
    };

    private BlockSizes() {}

    /**
     * Of a file's blocks; zero when the file is not worth it: too small, or unchanged for long.
     *
     * @param ageSeconds since the file's last change
     */
    public static int blockSize(long fileSize, long ageSeconds) {
        if (ageSeconds >= 28 * DAY) {
            return 0;
        }
        int factor = ageSeconds >= 14 * DAY ? 4 : ageSeconds >= 7 * DAY ? 2 : 1;
        return fileSize >= MIN_FILE ? BLOCK * factor : 0;
    }

    /** How much of each block's hash is kept. */
    public static int checksumSize(int blockSize) {
        for (int[] row : CHECKSUMS) {
            if (blockSize >= row[0] * KIB) {
                return row[1];
            }
        }
        throw new IllegalArgumentException("block size must be positive, was " + blockSize);
    }

    /** How many bytes of blocks are compressed together, a multiple of the block's size. */
    public static int superBlockSize(int blockSize, boolean fullBackup) {
        int wanted = fullBackup ? 1024 * KIB : 256 * KIB;
        return Math.ceilDiv(wanted, blockSize) * blockSize;
    }
}
