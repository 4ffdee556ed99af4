package io.pgnode.backup.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * PostgreSQL's checksum of a page: 32 FNV-1a hashes side by side, each over every 32nd word, with
 * the page's own checksum taken as zero, folded with the block's number to 16 bits.
 */
public final class PageChecksum {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int LANES = 32;
    private static final int ROW = LANES * Integer.BYTES;
    private static final int PRIME = 16777619;

    /** Offsets in the page's header. */
    private static final int CHECKSUM = 8;

    private static final int UPPER = 14;

    private static final int[] BASE = {
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2,
        0x83E13D2C, 0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C,
        0xF718902A, 0x0B1C9CDB, 0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979,
        0xCCA6C0B2, 0x304A0979, 0x85AA43D4, 0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E,
        0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
    };

    private PageChecksum() {}

    /**
     * What the page's header should hold, 1 to 65535.
     *
     * @param block of the relation, counted over all its segment files
     */
    public static int compute(byte[] page, int offset, int pageSize, long block) {
        int[] lanes = BASE.clone();
        firstRow(lanes, page, offset);
        for (int row = ROW; row < pageSize; row += ROW) {
            mix(lanes, page, offset + row);
        }
        int folded = 0;
        for (int lane : lanes) {
            folded ^= round(round(lane, 0), 0);
        }
        return Integer.remainderUnsigned(folded ^ (int) block, 65535) + 1;
    }

    /**
     * Whether the page is as PostgreSQL wrote it: checksum right, or all zero, as new pages are.
     */
    public static boolean isValid(byte[] page, int offset, int pageSize, long block) {
        if ((short) SHORT.get(page, offset + UPPER) == 0) {
            return isZero(page, offset, pageSize);
        }
        int stored = (short) SHORT.get(page, offset + CHECKSUM) & 0xffff;
        return stored == compute(page, offset, pageSize, block);
    }

    private static void firstRow(int[] lanes, byte[] page, int offset) {
        for (int i = 0; i < LANES; i++) {
            int word = (int) INT.get(page, offset + i * Integer.BYTES);
            lanes[i] = round(lanes[i], i == CHECKSUM / Integer.BYTES ? word & 0xffff0000 : word);
        }
    }

    private static void mix(int[] lanes, byte[] page, int offset) {
        for (int i = 0; i < LANES; i++) {
            int mixed = lanes[i] ^ (int) INT.get(page, offset + i * Integer.BYTES);
            lanes[i] = mixed * PRIME ^ mixed >>> 17;
        }
    }

    private static int round(int lane, int word) {
        int mixed = lane ^ word;
        return mixed * PRIME ^ mixed >>> 17;
    }

    private static boolean isZero(byte[] page, int offset, int pageSize) {
        for (int i = 0; i < pageSize; i += Long.BYTES) {
            if ((long) LONG.get(page, offset + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
