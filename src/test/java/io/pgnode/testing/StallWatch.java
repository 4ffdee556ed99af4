package io.pgnode.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Notices when the whole machine stood still, this JVM, or the disk that the clusters write to: a
 * measurement that fell into such a moment says nothing about what was measured.
 */
public final class StallWatch implements AutoCloseable {
    private static final int PERIOD_MILLIS = 10;
    private static final int DISK_PERIOD_MILLIS = 20;

    private volatile boolean stopped;
    private volatile long longestSleepNanos;
    private volatile long longestWriteNanos;

    private StallWatch() {}

    /** Watches until closed. */
    public static StallWatch start() {
        var watch = new StallWatch();
        Thread.ofPlatform().daemon().name("stall-watch").start(watch::watchSleeps);
        Thread.ofPlatform().daemon().name("disk-watch").start(watch::watchDisk);
        return watch;
    }

    /** The longest time by which a short sleep came late, or a durable write took, so far. */
    public Duration longest() {
        return Duration.ofNanos(Math.max(longestSleepNanos, longestWriteNanos));
    }

    @Override
    public void close() {
        stopped = true;
    }

    private void watchSleeps() {
        while (!stopped) {
            long start = System.nanoTime();
            Waiting.pause(PERIOD_MILLIS);
            longestSleepNanos =
                    Math.max(
                            longestSleepNanos,
                            System.nanoTime() - start - PERIOD_MILLIS * 1_000_000L);
        }
    }

    /** What a commit does, on the disk of the temporary directory, where the clusters are. */
    private void watchDisk() {
        try {
            Path file = Files.createTempFile("pgnode-disk-watch", null);
            try (FileChannel channel =
                    FileChannel.open(
                            file, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                while (!stopped) {
                    long start = System.nanoTime();
                    channel.write(ByteBuffer.allocate(1), 0);
                    channel.force(false);
                    longestWriteNanos = Math.max(longestWriteNanos, System.nanoTime() - start);
                    Waiting.pause(DISK_PERIOD_MILLIS);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
