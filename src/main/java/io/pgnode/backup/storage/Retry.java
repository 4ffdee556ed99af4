package io.pgnode.backup.storage;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** How often one call has been tried, and when to try again. One thread's. */
final class Retry {
    private static final Logger LOG = Logger.getLogger(Retry.class);

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long deadline;
    private int attempts = 1;

    Retry(Duration time) {
        this.deadline = System.nanoTime() + time.toNanos();
    }

    /** From one. */
    int attempts() {
        return attempts;
    }

    /** Never less than a moment. */
    Duration left() {
        return Duration.ofNanos(
                Math.max(deadline - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(1)));
    }

    /**
     * Waits before the next attempt.
     *
     * @throws StorageException the last attempt's, when there is no time for another
     */
    void pause(StorageException failure) throws StorageException, InterruptedIOException {
        int doublings = Math.min(attempts - 1, 10);
        long most = Math.min(FIRST_PAUSE_NANOS << doublings, LONGEST_PAUSE_NANOS);
        long pause = ThreadLocalRandom.current().nextLong(most / 2, most);
        if (System.nanoTime() + pause - deadline >= 0) {
            throw failure;
        }
        attempts++;
        LOG.debugf("trying again: attempt=%d error=%s", attempts, failure.getMessage());
        try {
            TimeUnit.NANOSECONDS.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException)
                    new InterruptedIOException("interrupted").initCause(failure);
        }
    }
}
