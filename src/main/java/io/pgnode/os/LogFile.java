package io.pgnode.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Appends log records to a file, by a thread of its own: a disk that hangs must not hold up whoever
 * logs, least of all the thread that fences. Lines that find the queue full are counted and lost.
 *
 * <p>Each line is one append, so several processes may share the file.
 */
final class LogFile extends Handler {
    /** Some minutes of a busy debug log. */
    private static final int QUEUE = 10_000;

    private static final long CLOSE_MILLIS = 1_000;
    private static final String MODE = "rw-r-----";

    private final Path file;
    private final FileChannel channel;
    private final BlockingQueue<byte[]> lines = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer;
    private final Thread atExit = new Thread(this::close, "log-close");
    private volatile boolean closing;

    LogFile(Path file, Formatter formatter) throws IOException {
        this.file = file;
        this.channel = open(file);
        setFormatter(formatter);
        this.writer = Thread.ofPlatform().name("log").daemon(true).start(this::write);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    private static FileChannel open(Path file) throws IOException {
        try {
            Files.createFile(file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(MODE));
        } catch (FileAlreadyExistsException _) {
            // The operator's mode counts.
        }
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    @Override
    public void publish(LogRecord line) {
        if (closing || !isLoggable(line)) {
            return;
        }
        try {
            if (!lines.offer(getFormatter().format(line).getBytes(StandardCharsets.UTF_8))) {
                lost.incrementAndGet();
            }
        } catch (RuntimeException e) {
            reportError("cannot format a line of the log", e, ErrorManager.FORMAT_FAILURE);
        }
    }

    private void write() {
        List<byte[]> batch = new ArrayList<>();
        try {
            while (!closing || !lines.isEmpty()) {
                byte[] first = lines.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                batch.add(first);
                lines.drainTo(batch);
                batch.forEach(this::append);
                batch.clear();
                long missing = lost.getAndSet(0);
                if (missing > 0) {
                    append(
                            ("... " + missing + " lines lost: the disk was too slow\n")
                                    .getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            try {
                channel.close();
            } catch (IOException e) {
                reportError("cannot close " + file, e, ErrorManager.CLOSE_FAILURE);
            }
        }
    }

    /** On a full disk the lines go to standard error, which systemd keeps. */
    private void append(byte[] line) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            System.err.write(line, 0, line.length);
            System.err.flush();
        }
    }

    @Override
    public void flush() {}

    /** Writes what is queued, for at most a second. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!Thread.currentThread().equals(atExit)) {
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException _) {
                // The process ends already.
            }
        }
    }
}
