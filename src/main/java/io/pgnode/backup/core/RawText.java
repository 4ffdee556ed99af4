package io.pgnode.backup.core;

/**
 * Text of bytes that are UTF-8 mostly: names of files. Each byte that is no part of a valid
 * character becomes one code unit U+DC80 to U+DCFF, which UTF-8 itself never has, so that encoding
 * gives the same bytes again.
 */
public final class RawText {
    private RawText() {}

    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    public static String decode(byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    public static byte[] encode(String text) {
        throw new UnsupportedOperationException();
    }
}
