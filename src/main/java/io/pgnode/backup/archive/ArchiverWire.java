package io.pgnode.backup.archive;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What goes over the archiver's socket: frames of a length (4 bytes, big endian) and as many bytes.
 * One request a connection; then any number of {@link Answer.Working} about a second apart, so that
 * the other side can tell work from a hung process; then one answer that ends it.
 */
final class ArchiverWire {
    /** Bytes of a frame without its length: two paths of 4096 bytes and a little. */
    static final int MAX_FRAME = 16 * 1024;

    static final int LENGTH_BYTES = 4;
    private static final byte VERSION = 1;
    private static final int MAX_TEXT = 8 * 1024;

    private ArchiverWire() {}

    /** What PostgreSQL wants. */
    sealed interface Request {
        /**
         * Archive a file.
         *
         * @param path absolute
         */
        record Push(String path) implements Request {}

        /**
         * Bring a file.
         *
         * @param destination absolute
         */
        record Get(String name, String destination) implements Request {}
    }

    /** What the archiver says. */
    sealed interface Answer {
        /** It is at work. */
        record Working() implements Answer {}

        /**
         * The end.
         *
         * @param exit the code to exit with, 0..255
         * @param text a line for PostgreSQL's log; empty when there is nothing to say
         */
        record Done(int exit, String text) implements Answer {}

        /**
         * The file is there, under a name that is for whoever asked alone: it is to be renamed to
         * its destination before the connection ends, and goes away then.
         */
        record Fetched(String path) implements Answer {}

        /** It is not the one to do this; whoever asked does it. */
        record Cannot(String reason) implements Answer {}
    }

    /** A frame that is not one of ours. */
    static final class WireException extends java.io.IOException {
        private static final long serialVersionUID = 1L;

        WireException(String message) {
            super(message);
        }
    }

    /** With its length; ready to be read. */
    static ByteBuffer encode(Request request) {
        ByteBuffer out = begin();
        out.put(VERSION);
        switch (request) {
            case Request.Push(String path) -> {
                out.put((byte) 'P');
                text(out, path);
            }
            case Request.Get(String name, String destination) -> {
                out.put((byte) 'G');
                text(out, name);
                text(out, destination);
            }
        }
        return end(out);
    }

    /** With its length; ready to be read. */
    static ByteBuffer encode(Answer answer) {
        ByteBuffer out = begin();
        switch (answer) {
            case Answer.Working() -> out.put((byte) 'W');
            case Answer.Done(int exit, String text) -> {
                out.put((byte) 'D');
                out.put((byte) exit);
                text(out, text);
            }
            case Answer.Fetched(String path) -> {
                out.put((byte) 'F');
                text(out, path);
            }
            case Answer.Cannot(String reason) -> {
                out.put((byte) 'C');
                text(out, reason);
            }
        }
        return end(out);
    }

    /** The length of the frame that begins here. */
    static int length(ByteBuffer in) throws WireException {
        int length = in.getInt();
        if (length < 1 || length > MAX_FRAME) {
            throw new WireException(
                    "length of a frame must be 1.." + MAX_FRAME + ", was " + length);
        }
        return length;
    }

    /**
     * @param in the frame without its length
     */
    static Request request(ByteBuffer in) throws WireException {
        try {
            byte version = in.get();
            if (version != VERSION) {
                throw new WireException(
                        "version of a request must be " + VERSION + ", was " + version);
            }
            byte kind = in.get();
            Request request =
                    switch (kind) {
                        case 'P' -> new Request.Push(text(in));
                        case 'G' -> new Request.Get(text(in), text(in));
                        default -> throw new WireException("unknown request 0x" + hex(kind));
                    };
            return whole(in, request);
        } catch (BufferUnderflowException e) {
            throw new WireException("a request that ends too early");
        }
    }

    /**
     * @param in the frame without its length
     */
    static Answer answer(ByteBuffer in) throws WireException {
        try {
            byte kind = in.get();
            Answer answer =
                    switch (kind) {
                        case 'W' -> new Answer.Working();
                        case 'D' -> new Answer.Done(in.get() & 0xFF, text(in));
                        case 'F' -> new Answer.Fetched(text(in));
                        case 'C' -> new Answer.Cannot(text(in));
                        default -> throw new WireException("unknown answer 0x" + hex(kind));
                    };
            return whole(in, answer);
        } catch (BufferUnderflowException e) {
            throw new WireException("an answer that ends too early");
        }
    }

    private static <T> T whole(ByteBuffer in, T value) throws WireException {
        if (in.hasRemaining()) {
            throw new WireException(in.remaining() + " bytes after the end of a message");
        }
        return value;
    }

    private static ByteBuffer begin() {
        return ByteBuffer.allocate(LENGTH_BYTES + MAX_FRAME).position(LENGTH_BYTES);
    }

    private static ByteBuffer end(ByteBuffer out) {
        return out.putInt(0, out.position() - LENGTH_BYTES).flip();
    }

    /** Too long a text loses its end; a path that long is refused by the kernel anyway. */
    private static void text(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_TEXT - 64);
        out.putShort((short) length).put(bytes, 0, length);
    }

    private static String text(ByteBuffer in) throws WireException {
        int length = in.getShort() & 0xFFFF;
        if (length > MAX_TEXT || length > in.remaining()) {
            throw new WireException("a text of " + length + " bytes in a message that has fewer");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String hex(byte value) {
        return Integer.toHexString(value & 0xFF);
    }
}
