package io.pgnode.backup.restore;

import io.pgnode.backup.restore.core.RestorePace;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Counts what a phase has done, and tells it at most some times a second. Thread-safe. */
final class ProgressMeter {
    private static final long INTERVAL_NANOS = 200_000_000;

    private final Progress progress;
    private final LongSupplier ticker;
    private final Progress.Phase phase;
    private final long bytesTotal;
    private final long filesTotal;
    private final long begin;
    private final LongAdder bytes = new LongAdder();
    private final LongAdder files = new LongAdder();
    private final ReentrantLock telling = new ReentrantLock();
    private volatile long nextAt;

    ProgressMeter(
            Progress progress,
            LongSupplier ticker,
            Progress.Phase phase,
            long bytesTotal,
            long filesTotal) {
        this.progress = progress;
        this.ticker = ticker;
        this.phase = phase;
        this.bytesTotal = bytesTotal;
        this.filesTotal = filesTotal;
        this.begin = ticker.getAsLong();
        this.nextAt = begin;
    }

    void bytes(long count) {
        bytes.add(count);
        tell();
    }

    /** A file that did not work out is read again: what it counted is taken back. */
    void takeBack(long count) {
        bytes.add(-count);
    }

    void file() {
        files.increment();
        tell();
    }

    private void tell() {
        if (ticker.getAsLong() - nextAt >= 0 && telling.tryLock()) {
            try {
                if (ticker.getAsLong() - nextAt >= 0) {
                    nextAt = ticker.getAsLong() + INTERVAL_NANOS;
                    progress.update(state());
                }
            } finally {
                telling.unlock();
            }
        }
    }

    /** Tells the last state of the phase. */
    void end() {
        telling.lock();
        try {
            progress.update(state());
        } finally {
            telling.unlock();
        }
    }

    private Progress.State state() {
        Duration elapsed = Duration.ofNanos(ticker.getAsLong() - begin);
        long done = bytes.sum();
        return new Progress.State(
                phase,
                done,
                bytesTotal,
                files.sum(),
                filesTotal,
                elapsed,
                RestorePace.left(done, bytesTotal, elapsed));
    }
}
