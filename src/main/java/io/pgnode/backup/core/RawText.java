package io.pgnode.backup.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** {@link ByteText} for the many names of a manifest, nearly all of which are ASCII. */
public final class RawText {
    /** By bytes, as pgBackRest sorts. */
    public static final Comparator<String> ORDER =
            (a, b) -> Arrays.compareUnsigned(encode(a), encode(b));

    private RawText() {}

    public static String decode(byte[] bytes, int offset, int length) {
        return isAscii(bytes, offset, length)
                ? new String(bytes, offset, length, StandardCharsets.ISO_8859_1)
                : ByteText.decode(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    private static boolean isAscii(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * @throws IllegalArgumentException when the text has a lone surrogate that stands for no byte
     */
    public static byte[] encode(String text) {
        return ByteText.isAscii(text)
                ? text.getBytes(StandardCharsets.ISO_8859_1)
                : ByteText.encode(text);
    }
}
