package io.pgnode.os;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads one stream of a program to its end: keeps its last bytes, hands its lines on. */
final class OutputReader {
    private static final int CHUNK_BYTES = 8192;
    private static final int LONGEST_LINE_BYTES = 64 * 1024;

    private final InputStream stream;
    private final int limit;
    private final @Nullable Consumer<String> lines;
    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Thread thread;

    private OutputReader(
            InputStream stream, int limit, @Nullable Consumer<String> lines, String name) {
        this.stream = stream;
        this.limit = limit;
        this.lines = lines;
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::read);
    }

    static OutputReader start(
            InputStream stream, int limit, @Nullable Consumer<String> lines, String name) {
        OutputReader reader = new OutputReader(stream, limit, lines, name);
        reader.thread.start();
        return reader;
    }

    /** The end of the stream, at most the limit, as far as it was read by then. */
    String text(long deadlineNanos) throws InterruptedException {
        long left = Math.max(1, deadlineNanos - System.nanoTime());
        thread.join(java.time.Duration.ofNanos(left));
        if (thread.isAlive()) {
            closeQuietly();
        }
        synchronized (captured) {
            byte[] bytes = captured.toByteArray();
            int from = Math.max(0, bytes.length - limit);
            return new String(
                    Arrays.copyOfRange(bytes, from, bytes.length), StandardCharsets.UTF_8);
        }
    }

    private void read() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try (stream) {
            for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk)) {
                capture(chunk, n);
                splitLines(chunk, n);
            }
        } catch (IOException e) {
            // Closed by text(): a grandchild still holds the pipe.
        }
        endLine();
    }

    private void capture(byte[] chunk, int n) {
        if (limit == 0) {
            return;
        }
        synchronized (captured) {
            captured.write(chunk, 0, n);
            if (captured.size() > 2 * limit + CHUNK_BYTES) {
                byte[] all = captured.toByteArray();
                captured.reset();
                captured.write(all, all.length - limit, limit);
            }
        }
    }

    private void splitLines(byte[] chunk, int n) {
        if (lines == null) {
            return;
        }
        for (int i = 0; i < n; i++) {
            if (chunk[i] == '\n' || chunk[i] == '\r' || line.size() >= LONGEST_LINE_BYTES) {
                endLine();
            } else {
                line.write(chunk[i]);
            }
        }
    }

    private void endLine() {
        if (lines != null && line.size() > 0) {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            lines.accept(text);
        }
    }

    private void closeQuietly() {
        try {
            stream.close();
        } catch (IOException e) {
            // Nothing is lost: the program has ended.
        }
    }
}
