package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.CompressType;
import org.jspecify.annotations.Nullable;

/**
 * Checks of the bytes at the start of a compressed file that decompression does not look at, so
 * that a digest of the content says nothing of them.
 */
final class CompressedHead {
    /** Bytes that are looked at. */
    static final int LENGTH = 10;

    private static final int[] GZ_START = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0};

    private CompressedHead() {}

    /** What is wrong with them; null when nothing is. Too few bytes are others' to find. */
    static @Nullable String problem(CompressType type, byte[] head, int length) {
        return switch (type) {
            case GZ -> length < LENGTH ? null : gz(head);
            case ZST -> length < LENGTH ? null : zst(head);
            case NONE, LZ4, BZ2 -> null;
        };
    }

    /** No time, no name; hints of the compressor as zlib and others write them. */
    private static @Nullable String gz(byte[] head) {
        for (int i = 0; i < GZ_START.length; i++) {
            if ((head[i] & 0xff) != GZ_START[i]) {
                return "has a gzip header with a wrong byte " + i;
            }
        }
        int hint = head[8] & 0xff;
        int system = head[9] & 0xff;
        if (hint != 0 && hint != 2 && hint != 4) {
            return "has a gzip header with a wrong byte 8";
        }
        return system == 3 || system == 0xff || system == 0
                ? null
                : "has a gzip header with a wrong byte 9";
    }

    /**
     * Of the frame's descriptor an unused bit, of the window's size the bits no compressor sets.
     */
    private static @Nullable String zst(byte[] head) {
        int descriptor = head[4] & 0xff;
        boolean hasWindow = (descriptor & 0x20) == 0;
        if ((descriptor & 0x18) != 0) {
            return "has a zstd header with a wrong descriptor";
        }
        return hasWindow && (head[5] & 0x07) != 0 ? "has a zstd header with a wrong window" : null;
    }
}
