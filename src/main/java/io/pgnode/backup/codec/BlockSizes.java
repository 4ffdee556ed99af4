package io.pgnode.backup.codec;

/** The sizes of block incremental backup, as pgBackRest's defaults have them. Bytes. */
public final class BlockSizes {
    private static final int KIB = 1024;
    private static final long MIB = 1024L * KIB;
    private static final long DAY = 24 * 60 * 60;

    /** Files from which size, and their blocks' size in KiB. */
    private static final long[][] BLOCKS = {
        {914 * MIB, 88},
        {740 * MIB, 80},
        {585 * MIB, 72},
        {448 * MIB, 64},
        {329 * MIB, 56},
        {228 * MIB, 48},
        {146 * MIB, 40},
        {96 * MIB, 32},
        {43 * MIB, 24},
        {11 * MIB, 16},
        {16 * KIB, 8},
    };

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
        for (long[] row : BLOCKS) {
            if (fileSize >= row[0]) {
                return (int) row[1] * KIB * factor;
            }
        }
        return 0;
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
