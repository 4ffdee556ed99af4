package io.pgnode.postgres;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs an action at a deadline, on a virtual thread of its own, unless closed before. */
final class Watchdog implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean decided = new AtomicBoolean();
    private volatile boolean hasFired;

    private Watchdog() {}

    static Watchdog arm(Duration deadline, Runnable atDeadline) {
        Watchdog watchdog = new Watchdog();
        Thread.ofVirtual().name("sql-deadline").start(() -> watchdog.await(deadline, atDeadline));
        return watchdog;
    }

    private void await(Duration deadline, Runnable atDeadline) {
        try {
            if (!closed.await(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    && decided.compareAndSet(false, true)) {
                hasFired = true;
                atDeadline.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the deadline passed first. */
    boolean hasFired() {
        return hasFired;
    }

    @Override
    public void close() {
        decided.set(true);
        closed.countDown();
    }
}
