package io.pgnode.backup.storage;

/**
 * How large the parts of an upload are: stores take 10 000 of them, none but the last below 5 MiB.
 *
 * @param first bytes of the first part
 */
record PartSizes(int first) {
    static final int MIB = 1024 * 1024;
    static final int LEAST = 5 * MIB;
    static final int MOST_PARTS = 10_000;

    /** The usual size: large enough for a fast line, small enough for many writers. */
    private static final int USUAL = 8 * MIB;

    /** The first parts hold what is expected; the ones after them grow, for when that was wrong. */
    private static final int FIRST_PARTS = 8000;

    private static final int GROWTH = 16;

    /** No object is larger than 5 TiB, whatever is expected. */
    private static final int LARGEST = 1024 * MIB;

    static PartSizes of(long expectedSize) {
        long needed = expectedSize / FIRST_PARTS + 1;
        long whole = (needed + MIB - 1) / MIB * MIB;
        return new PartSizes(Math.clamp(whole, USUAL, LARGEST));
    }

    /**
     * @param number from one
     */
    int size(int number) {
        return number <= FIRST_PARTS ? first : (int) Math.min((long) first * GROWTH, LARGEST);
    }
}
