package io.pgnode.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Frames in a buffer: a type byte and a length that counts itself but not the type byte. Static and
 * free of allocation but for {@link #text}.
 */
public final class Frames {
    /** Type byte and length. */
    public static final int HEADER = 5;

    private static final int LENGTH_FIELD = 4;

    private Frames() {}

    /**
     * Size of the whole frame that begins at {@code index}, header included; the header must be
     * readable.
     *
     * @param maxLength largest length field, of 4 to 2^31-1
     */
    public static long size(ByteBuf buffer, int index, int maxLength) throws ProtocolViolation {
        return size(buffer.getInt(index + 1), maxLength);
    }

    /** The same, of a frame with this length field. */
    public static long size(int length, int maxLength) throws ProtocolViolation {
        if (length < LENGTH_FIELD || length > maxLength) {
            throw new ProtocolViolation("invalid message length");
        }
        return 1L + length;
    }

    /**
     * Index of the zero byte that ends the string at {@code from}.
     *
     * @param end where the message ends
     */
    public static int endOfString(ByteBuf buffer, int from, int end) throws ProtocolViolation {
        int length = from >= end ? -1 : buffer.bytesBefore(from, end - from, (byte) 0);
        if (length < 0) {
            throw endlessString();
        }
        return from + length;
    }

    /** What to throw when the zero byte is missing. */
    public static ProtocolViolation endlessString() {
        return new ProtocolViolation("a string has no end in its message");
    }

    /** The string from {@code from} up to the zero byte at {@code end}, as UTF-8. */
    public static String text(ByteBuf buffer, int from, int end) {
        return buffer.toString(from, end - from, StandardCharsets.UTF_8);
    }

    /** Begins a frame whose length {@link #end} fills in; returns the index to give to it. */
    public static int begin(ByteBuf out, byte tag) {
        out.writeByte(tag);
        int at = out.writerIndex();
        out.writeInt(0);
        return at;
    }

    public static void end(ByteBuf out, int begun) {
        out.setInt(begun, out.writerIndex() - begun);
    }

    /** A string and its zero byte. */
    public static void writeString(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
    }
}
