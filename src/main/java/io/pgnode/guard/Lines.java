package io.pgnode.guard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Lines of text over a non-blocking socket. Used by one thread. */
final class Lines {
    /** Longest line of the channel is a STATUS; more than this is not one of ours. */
    private static final int MAX_LINE_BYTES = 4096;

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocate(MAX_LINE_BYTES);
    private ByteBuffer output = ByteBuffer.allocate(MAX_LINE_BYTES);

    Lines(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Hands on every line that has arrived.
     *
     * @return false at the end of the stream
     * @throws IOException when the connection broke or a line is too long
     */
    boolean readAll(Consumer<String> lines) throws IOException {
        while (true) {
            int n = channel.read(input);
            if (n <= 0) {
                return n == 0;
            }
            input.flip();
            int start = 0;
            for (int i = 0; i < input.limit(); i++) {
                if (input.get(i) == '\n') {
                    lines.accept(
                            new String(input.array(), start, i - start, StandardCharsets.UTF_8));
                    start = i + 1;
                }
            }
            input.position(start).compact();
            if (!input.hasRemaining()) {
                throw new IOException("line is longer than " + MAX_LINE_BYTES + " bytes");
            }
        }
    }

    /** Queues a line for {@link #flush}. */
    void queue(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (output.remaining() < bytes.length) {
            ByteBuffer larger = ByteBuffer.allocate(2 * (output.capacity() + bytes.length));
            larger.put(output.flip());
            output = larger;
        }
        output.put(bytes);
    }

    int queuedBytes() {
        return output.position();
    }

    /**
     * Writes what the socket takes now.
     *
     * @return whether nothing is left
     */
    boolean flush() throws IOException {
        if (output.position() > 0) {
            output.flip();
            channel.write(output);
            output.compact();
        }
        return output.position() == 0;
    }
}
