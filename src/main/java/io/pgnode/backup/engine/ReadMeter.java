package io.pgnode.backup.engine;

import io.pgnode.backup.engine.core.TokenBucket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Counts what is read of the cluster, keeps it below a rate, and ends it when asked to. */
final class ReadMeter {
    private static final long LONGEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(100);

    private final AtomicLong bytes = new AtomicLong();
    private final BooleanSupplier isStopRequested;
    private final LongSupplier nanos;
    private final @Nullable TokenBucket bucket;
    private volatile boolean isOver;

    /**
     * @param bytesPerSecond zero for no limit
     * @param isStopRequested whether reading ends with an error
     */
    ReadMeter(long bytesPerSecond, BooleanSupplier isStopRequested, LongSupplier nanos) {
        this.isStopRequested = isStopRequested;
        this.nanos = nanos;
        this.bucket =
                bytesPerSecond == 0 ? null : new TokenBucket(bytesPerSecond, nanos.getAsLong());
    }

    /** Ends what is being read. */
    void end() {
        isOver = true;
    }

    void beforeRead(int length) throws IOException {
        checkStopped();
        if (bucket == null) {
            return;
        }
        long until = nanos.getAsLong();
        until += bucket.take(length, until);
        for (long left = until - nanos.getAsLong(); left > 0; left = until - nanos.getAsLong()) {
            sleep(Math.min(left, LONGEST_SLEEP));
            checkStopped();
        }
    }

    private void checkStopped() throws IOException {
        if (isOver || isStopRequested.getAsBoolean()) {
            throw new InterruptedIOException("the backup was asked to stop");
        }
    }

    private static void sleep(long nanos) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    void read(int count) {
        if (count > 0) {
            bytes.addAndGet(count);
        }
    }

    /** Read so far, what was read twice counted twice. */
    long bytes() {
        return bytes.get();
    }
}
