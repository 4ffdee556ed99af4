package io.pgnode.backup.codec;

/** The sizes of block incremental backup, as pgBackRest's defaults have them. Bytes. */
public final class BlockSizes {
    private BlockSizes() {}

    /**
     * Of a file's blocks; zero when the file is not worth it: too small, or unchanged for long.
     *
     * @param ageSeconds since the file's last change
     */
    public static int blockSize(long fileSize, long ageSeconds) {
        throw new UnsupportedOperationException(fileSize + " " + ageSeconds);
    }

    /** How much of each block's hash is kept. */
    public static int checksumSize(int blockSize) {
        throw new UnsupportedOperationException("" + blockSize);
    }

    /** How many bytes of blocks are compressed together. */
    public static int superBlockSize(int blockSize, boolean fullBackup) {
        throw new UnsupportedOperationException(blockSize + " " + fullBackup);
    }
}
