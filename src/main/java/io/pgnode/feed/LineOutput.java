package io.pgnode.feed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Lines on their way to a peer that takes them when it likes. Used by one thread. */
final class LineOutput {
    private final Deque<ByteBuffer> lines = new ArrayDeque<>();

    /** The bytes of a line with its end, to be shared by many outputs. */
    static byte[] bytes(String line) {
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    void add(byte[] line) {
        lines.addLast(ByteBuffer.wrap(line));
    }

    /** The oldest lines give way until so many are left; one that is half written stays. */
    void keepNewest(int count) {
        while (lines.size() > count) {
            ByteBuffer first = lines.removeFirst();
            if (first.position() > 0) {
                lines.removeFirst();
                lines.addFirst(first);
            }
        }
    }

    int size() {
        return lines.size();
    }

    /**
     * Writes what the channel takes now.
     *
     * @return whether nothing is left
     */
    boolean flush(WritableByteChannel channel) throws IOException {
        while (!lines.isEmpty()) {
            ByteBuffer first = lines.getFirst();
            channel.write(first);
            if (first.hasRemaining()) {
                return false;
            }
            lines.removeFirst();
        }
        return true;
    }
}
