package io.pgnode.backup.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Objects;

/** The 128-bit hash XXH3 without seed. */
public final class Xxh3 {
    /** Of a hash in its canonical, big-endian form. */
    public static final int BYTES = 16;

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BIG_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final long P32_1 = 0x9E3779B1L;
    private static final long P32_2 = 0x85EBCA77L;
    private static final long P32_3 = 0xC2B2AE3DL;
    private static final long P64_1 = 0x9E3779B185EBCA87L;
    private static final long P64_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P64_3 = 0x165667B19E3779F9L;
    private static final long P64_4 = 0x85EBCA77C2B2AE63L;
    private static final long P64_5 = 0x27D4EB2F165667C5L;
    private static final long MIX_1 = 0x165667919E3779F9L;
    private static final long MIX_2 = 0x9FB21C651E98DF25L;
    private static final long LOW_32 = 0xFFFFFFFFL;

    /** The algorithm's own. */
    private static final byte[] SECRET =
            HexFormat.of()
                    .parseHex(
                            "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
                                    + "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
                                    + "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
                                    + "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
                                    + "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
                                    + "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e");

    private static final int STRIPE = 64;
    private static final int LANES = 8;

    /** Stripes between two scrambles: each moves the secret by eight bytes. */
    private static final int STRIPES = (192 - STRIPE) / 8;

    private static final int BLOCK = STRIPE * STRIPES;

    /** Where the secret starts for the scramble, the last stripe, and the two halves' merges. */
    private static final int SCRAMBLE_SECRET = 192 - STRIPE;

    private static final int LAST_SECRET = SCRAMBLE_SECRET - 7;
    private static final int LOW_SECRET = 11;
    private static final int HIGH_SECRET = SCRAMBLE_SECRET - 11;

    private Xxh3() {}

    /**
     * Writes the first {@code count} bytes of the hash's canonical form to {@code out}.
     *
     * @param count 1 to {@value #BYTES}
     */
    public static void hash128(
            byte[] data, int offset, int length, byte[] out, int outOffset, int count) {
        Objects.checkFromIndexSize(offset, length, data.length);
        byte[] canonical = new byte[BYTES];
        hash(data, offset, length, canonical);
        System.arraycopy(canonical, 0, out, outOffset, count);
    }

    /** All 16 bytes. */
    public static byte[] hash128(byte[] data, int offset, int length) {
        byte[] result = new byte[BYTES];
        hash128(data, offset, length, result, 0, BYTES);
        return result;
    }

    private static void hash(byte[] data, int offset, int length, byte[] out) {
        if (length > 240) {
            large(data, offset, length, out);
        } else if (length > 128) {
            upTo240(data, offset, length, out);
        } else if (length > 16) {
            upTo128(data, offset, length, out);
        } else if (length > 8) {
            upTo16(data, offset, length, out);
        } else if (length > 3) {
            upTo8(data, offset, length, out);
        } else if (length > 0) {
            upTo3(data, offset, length, out);
        } else {
            put(out, avalanche64(secret(64) ^ secret(72)), avalanche64(secret(80) ^ secret(88)));
        }
    }

    private static void upTo3(byte[] data, int offset, int length, byte[] out) {
        int first = data[offset] & 0xff;
        int middle = data[offset + (length >> 1)] & 0xff;
        int last = data[offset + length - 1] & 0xff;
        int low = first << 16 | middle << 24 | last | length << 8;
        int high = Integer.rotateLeft(Integer.reverseBytes(low), 13);
        put(
                out,
                avalanche64((low & LOW_32) ^ ((secret32(0) ^ secret32(4)) & LOW_32)),
                avalanche64((high & LOW_32) ^ ((secret32(8) ^ secret32(12)) & LOW_32)));
    }

    private static void upTo8(byte[] data, int offset, int length, byte[] out) {
        long low = (int) INT.get(data, offset) & LOW_32;
        long high = (int) INT.get(data, offset + length - 4) & LOW_32;
        long keyed = (low + (high << 32)) ^ secret(16) ^ secret(24);
        long factor = P64_1 + ((long) length << 2);
        long resultLow = keyed * factor;
        long resultHigh = Math.unsignedMultiplyHigh(keyed, factor);
        resultHigh += resultLow << 1;
        resultLow ^= resultHigh >>> 3;
        resultLow ^= resultLow >>> 35;
        resultLow *= MIX_2;
        resultLow ^= resultLow >>> 28;
        put(out, resultLow, avalanche(resultHigh));
    }

    private static void upTo16(byte[] data, int offset, int length, byte[] out) {
        long low = (long) LONG.get(data, offset);
        long high = (long) LONG.get(data, offset + length - 8);
        long keyed = low ^ high ^ secret(32) ^ secret(40);
        long mixedLow = keyed * P64_1;
        long mixedHigh = Math.unsignedMultiplyHigh(keyed, P64_1);
        mixedLow += (long) (length - 1) << 54;
        high ^= secret(48) ^ secret(56);
        mixedHigh += high + (high & LOW_32) * (P32_2 - 1);
        mixedLow ^= Long.reverseBytes(mixedHigh);
        put(
                out,
                avalanche(mixedLow * P64_2),
                avalanche(Math.unsignedMultiplyHigh(mixedLow, P64_2) + mixedHigh * P64_2));
    }

    private static void upTo128(byte[] data, int offset, int length, byte[] out) {
        long low = length * P64_1;
        long high = 0;
        int end = offset + length;
        for (int i = (length - 1) / 32; i >= 0; i--) {
            int front = offset + 16 * i;
            int back = end - 16 * (i + 1);
            low = mix32(low, data, front, back, 32 * i);
            high = mix32(high, data, back, front, 32 * i + 16);
        }
        finishMiddle(low, high, length, out);
    }

    private static void upTo240(byte[] data, int offset, int length, byte[] out) {
        long low = length * P64_1;
        long high = 0;
        int rounds = length / 32;
        for (int i = 0; i < rounds; i++) {
            int from = offset + 32 * i;
            int key = i < 4 ? 32 * i : 3 + 32 * (i - 4);
            low = mix32(low, data, from, from + 16, key);
            high = mix32(high, data, from + 16, from, key + 16);
            if (i == 3) {
                low = avalanche(low);
                high = avalanche(high);
            }
        }
        int end = offset + length;
        low = mix32(low, data, end - 16, end - 32, 103);
        high = mix32(high, data, end - 32, end - 16, 103 + 16);
        finishMiddle(low, high, length, out);
    }

    /** One half of the accumulator: mixes 16 bytes in, and adds 16 others crosswise. */
    private static long mix32(long half, byte[] data, int mixed, int added, int key) {
        long low = (long) LONG.get(data, mixed) ^ secret(key);
        long high = (long) LONG.get(data, mixed + 8) ^ secret(key + 8);
        return (half + fold(low, high))
                ^ ((long) LONG.get(data, added) + (long) LONG.get(data, added + 8));
    }

    private static void finishMiddle(long low, long high, int length, byte[] out) {
        put(out, avalanche(low + high), -avalanche(low * P64_1 + high * P64_4 + length * P64_2));
    }

    private static void large(byte[] data, int offset, int length, byte[] out) {
        long[] lanes = {P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1};
        int blocks = (length - 1) / BLOCK;
        for (int i = 0; i < blocks; i++) {
            stripes(lanes, data, offset + i * BLOCK, STRIPES, 0);
            scramble(lanes);
        }
        int stripes = (length - 1 - BLOCK * blocks) / STRIPE;
        stripes(lanes, data, offset + blocks * BLOCK, stripes, 0);
        stripes(lanes, data, offset + length - STRIPE, 1, LAST_SECRET);
        put(
                out,
                merge(lanes, LOW_SECRET, length * P64_1),
                merge(lanes, HIGH_SECRET, ~(length * P64_2)));
    }

    /** The lanes are local variables here, for the compiler's sake. */
    private static void stripes(long[] lanes, byte[] data, int offset, int count, int firstKey) {
        long a = lanes[0];
        long b = lanes[1];
        long c = lanes[2];
        long d = lanes[3];
        long e = lanes[4];
        long f = lanes[5];
        long g = lanes[6];
        long h = lanes[7];
        for (int i = 0; i < count; i++) {
            int from = offset + i * STRIPE;
            int key = firstKey + i * 8;
            long first = (long) LONG.get(data, from);
            long second = (long) LONG.get(data, from + 8);
            a += second + product(first ^ secret(key));
            b += first + product(second ^ secret(key + 8));
            first = (long) LONG.get(data, from + 16);
            second = (long) LONG.get(data, from + 24);
            c += second + product(first ^ secret(key + 16));
            d += first + product(second ^ secret(key + 24));
            first = (long) LONG.get(data, from + 32);
            second = (long) LONG.get(data, from + 40);
            e += second + product(first ^ secret(key + 32));
            f += first + product(second ^ secret(key + 40));
            first = (long) LONG.get(data, from + 48);
            second = (long) LONG.get(data, from + 56);
            g += second + product(first ^ secret(key + 48));
            h += first + product(second ^ secret(key + 56));
        }
        lanes[0] = a;
        lanes[1] = b;
        lanes[2] = c;
        lanes[3] = d;
        lanes[4] = e;
        lanes[5] = f;
        lanes[6] = g;
        lanes[7] = h;
    }

    private static long product(long keyed) {
        return (keyed & LOW_32) * (keyed >>> 32);
    }

    private static void scramble(long[] lanes) {
        for (int i = 0; i < LANES; i++) {
            long lane = lanes[i];
            lanes[i] = (lane ^ lane >>> 47 ^ secret(SCRAMBLE_SECRET + 8 * i)) * P32_1;
        }
    }

    private static long merge(long[] lanes, int key, long start) {
        long result = start;
        for (int i = 0; i < LANES; i += 2) {
            result += fold(lanes[i] ^ secret(key + 8 * i), lanes[i + 1] ^ secret(key + 8 * i + 8));
        }
        return avalanche(result);
    }

    /** The two halves of the 128-bit product, by exclusive or. */
    private static long fold(long left, long right) {
        return left * right ^ Math.unsignedMultiplyHigh(left, right);
    }

    private static long avalanche(long hash) {
        long result = hash ^ hash >>> 37;
        result *= MIX_1;
        return result ^ result >>> 32;
    }

    private static long avalanche64(long hash) {
        long result = hash ^ hash >>> 33;
        result *= P64_2;
        result ^= result >>> 29;
        result *= P64_3;
        return result ^ result >>> 32;
    }

    private static long secret(int offset) {
        return (long) LONG.get(SECRET, offset);
    }

    private static int secret32(int offset) {
        return (int) INT.get(SECRET, offset);
    }

    private static void put(byte[] out, long low, long high) {
        BIG_LONG.set(out, 0, high);
        BIG_LONG.set(out, 8, low);
    }
}
