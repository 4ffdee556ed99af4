package io.pgnode.backup.codec;

/** The 128-bit hash XXH3 without seed. */
public final class Xxh3 {
    /** Of a hash in its canonical, big-endian form. */
    public static final int BYTES = 16;

    private Xxh3() {}

    /**
     * Writes the first {@code count} bytes of the hash's canonical form to {@code out}.
     *
     * @param count 1 to {@value #BYTES}
     */
    public static void hash128(
            byte[] data, int offset, int length, byte[] out, int outOffset, int count) {
        throw new UnsupportedOperationException(
                data.length + " " + offset + " " + length + " " + out.length + outOffset + count);
    }

    /** All 16 bytes. */
    public static byte[] hash128(byte[] data, int offset, int length) {
        byte[] result = new byte[BYTES];
        hash128(data, offset, length, result, 0, BYTES);
        return result;
    }
}
