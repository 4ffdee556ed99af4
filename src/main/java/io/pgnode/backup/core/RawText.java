package io.pgnode.backup.core;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Names of files as text, whatever their bytes: UTF-8, and each byte that is not part of it as a
 * lone surrogate, {@code U+DC80} for 80 to {@code U+DCFF} for FF (as Python's {@code
 * surrogateescape}). Every sequence of bytes comes back from its text as it was.
 */
public final class RawText {
    /** By bytes, as pgBackRest sorts. */
    public static final Comparator<String> ORDER =
            (a, b) -> Arrays.compareUnsigned(encode(a), encode(b));

    private static final char ESCAPE = 0xDC00;

    private RawText() {}

    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** Quick for what is ASCII, as nearly all of the many names of a manifest are. */
    public static String decode(byte[] bytes, int offset, int length) {
        if (isAscii(bytes, offset, length)) {
            return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
        }
        CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(length + 1);
        while (true) {
            CoderResult result = utf8.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE | in.get() & 0xFF));
            }
            utf8.reset();
        }
    }

    /**
     * @throws IllegalArgumentException when the text has a surrogate that stands for no byte
     */
    public static byte[] encode(String text) {
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        var bytes = new byte[text.length() * 3];
        int size = 0;
        for (int i = 0; i < text.length(); ) {
            int end = endOfPlain(text, i);
            if (end > i) {
                byte[] plain = utf8(text, i, end);
                System.arraycopy(plain, 0, bytes, size, plain.length);
                size += plain.length;
                i = end;
            } else {
                bytes[size++] = (byte) text.charAt(i++);
            }
        }
        return Arrays.copyOf(bytes, size);
    }

    /** Whether the text is the same in every character set that extends ASCII. */
    public static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAscii(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private static int endOfPlain(String text, int start) {
        int i = start;
        while (i < text.length()) {
            char c = text.charAt(i);
            boolean pair =
                    Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1));
            if (!pair && c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF) {
                return i;
            }
            i += pair ? 2 : 1;
        }
        return i;
    }

    private static byte[] utf8(String text, int start, int end) {
        try {
            ByteBuffer bytes =
                    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text, start, end));
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text has a surrogate without its pair", e);
        }
    }
}
