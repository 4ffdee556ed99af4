package io.pgnode.backup.core;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Text of bytes that are UTF-8 mostly: names of files. Each byte that is no part of a valid
 * character becomes one code unit U+DC80 to U+DCFF, which UTF-8 itself never has, so that encoding
 * gives the same bytes again.
 */
public final class RawText {
    /** By bytes, as pgBackRest sorts. */
    public static final Comparator<String> ORDER =
            (a, b) -> Arrays.compareUnsigned(encode(a), encode(b));

    private static final int ESCAPE = 0xDC00;
    private static final int FIRST = ESCAPE | 0x80;
    private static final int LAST = ESCAPE | 0xFF;

    private RawText() {}

    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    public static String decode(byte[] bytes, int offset, int length) {
        if (isAscii(bytes, offset, length)) {
            return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
        }
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            out.put((char) (ESCAPE | in.get() & 0xFF));
        }
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
        int escape = firstEscape(text, 0);
        if (escape < 0) {
            return strict(text);
        }
        ByteBuilder bytes = new ByteBuilder(text.length() + 16);
        int from = 0;
        for (; escape >= 0; escape = firstEscape(text, from)) {
            bytes.add(strict(text.substring(from, escape))).add((byte) text.charAt(escape));
            from = escape + 1;
        }
        return bytes.add(strict(text.substring(from))).toBytes();
    }

    private static byte[] strict(String text) {
        try {
            ByteBuffer encoded =
                    StandardCharsets.UTF_8
                            .newEncoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text has half a character: \"" + text + "\"", e);
        }
    }

    private static int firstEscape(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (unit >= FIRST && unit <= LAST) {
                return i;
            }
        }
        return -1;
    }
}
