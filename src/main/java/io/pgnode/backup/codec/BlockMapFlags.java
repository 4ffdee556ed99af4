package io.pgnode.backup.codec;

/**
 * The block map's bits. A map is its version, then runs of blocks with the same reference; a run is
 * its reference, then super blocks; a super block is its sizes, then checksums of the blocks that
 * the file still uses.
 *
 * <p>What was said of a reference before is not said again: where its last super block ended, how
 * large super blocks are, whether a super block goes on after blocks of another reference.
 */
final class BlockMapFlags {
    /** Of a reference and of a super block: there are no more. */
    static final long LAST = 1;

    /** Of a reference at its first appearance: its bundle and its offset follow. */
    static final long BUNDLE = 2;

    /** Also later: there is a gap since the reference's last super block. */
    static final long OFFSET = 4;

    /** Of a reference that appeared before: its last super block goes on, and is the only one. */
    static final long CONTINUES = 2;

    static final long CONTINUES_ONLY = 4;
    static final int REFERENCE_SHIFT = 3;

    /** Of a super block: it is not as large as the one before. */
    static final long SIZE_CHANGES = 2;

    /** Of a super block: not all of its blocks are here. */
    static final long PARTIAL = 4;

    static final int SUPER_BLOCK_SHIFT = 3;

    /** Of a changed size in blocks: it is not a multiple of the block's. */
    static final long REMAINDER = 1;

    /** Of a count of blocks, less one: there is a gap in their numbers before them. */
    static final long GAP = 1;

    private BlockMapFlags() {}

    /** What is remembered of a reference. */
    static final class Reference {
        final long bundle;
        long superBlockSize;

        /** Of its last super block. */
        long offset;

        long size;

        /** The number of the block after the last one. */
        long next;

        Reference(long bundle, long offset, long superBlockSize) {
            this.bundle = bundle;
            this.offset = offset;
            this.superBlockSize = superBlockSize;
        }
    }
}
