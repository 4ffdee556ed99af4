package io.pgnode.feed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Cuts the bytes of a connection into lines. Its buffer grows with the longest line, up to the
 * limit and never beyond. Used by one thread.
 */
final class LineInput {
    private static final int FIRST_BYTES = 4096;

    private final int maxLineBytes;
    private ByteBuffer buffer;

    LineInput(int maxLineBytes) {
        this.maxLineBytes = maxLineBytes;
        this.buffer = ByteBuffer.allocate(Math.min(FIRST_BYTES, maxLineBytes));
    }

    /**
     * Hands on every line that has arrived; on a blocking channel, waits for some bytes once.
     *
     * @return false at the end of the stream
     * @throws IOException when the connection broke or a line is longer than the limit
     */
    boolean readFrom(ReadableByteChannel channel, Consumer<String> lines) throws IOException {
        makeRoom();
        int n = channel.read(buffer);
        if (n < 0) {
            return false;
        }
        buffer.flip();
        int start = 0;
        for (int i = 0; i < buffer.limit(); i++) {
            if (buffer.get(i) == '\n') {
                lines.accept(new String(buffer.array(), start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        buffer.position(start).compact();
        return true;
    }

    private void makeRoom() throws IOException {
        if (buffer.hasRemaining()) {
            return;
        }
        if (buffer.capacity() >= maxLineBytes) {
            throw new IOException("a line is longer than " + maxLineBytes + " bytes");
        }
        ByteBuffer larger =
                ByteBuffer.allocate((int) Math.min(2L * buffer.capacity(), maxLineBytes));
        larger.put(buffer.flip());
        buffer = larger;
    }
}
