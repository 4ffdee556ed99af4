package io.pgnode.backup.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Numbers of 7 bits a byte, least first, of which the eighth bit says that more follow. */
final class Varint {
    private Varint() {}

    static void write(ByteArrayOutputStream out, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.write((int) left & 0x7f | 0x80);
            left >>>= 7;
        }
        out.write((int) left);
    }

    /** Small numbers of either sign as small numbers without. */
    static long zigZag(long value) {
        return value << 1 ^ value >> 63;
    }

    static long fromZigZag(long value) {
        return value >>> 1 ^ -(value & 1);
    }

    /** Reads numbers and bytes one after the other, and not past their end. */
    static final class Reader {
        private final byte[] data;
        private final int end;
        private int position;

        Reader(byte[] data, int offset, int length) {
            this.data = data;
            this.position = offset;
            this.end = offset + length;
        }

        /** A number of at most 62 bits: all sizes and offsets are. */
        long next() throws IOException {
            long value = 0;
            for (int shift = 0; shift < 63; shift += 7) {
                if (position == end) {
                    throw new IOException("block map is cut off");
                }
                byte next = data[position++];
                value |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    if (value >>> 62 != 0) {
                        break;
                    }
                    return value;
                }
            }
            throw new IOException("block map is damaged: a number has more than 62 bits");
        }

        byte[] bytes(int count) throws IOException {
            if (count > end - position) {
                throw new IOException("block map is cut off");
            }
            byte[] result = new byte[count];
            System.arraycopy(data, position, result, 0, count);
            position += count;
            return result;
        }

        int left() {
            return end - position;
        }
    }
}
