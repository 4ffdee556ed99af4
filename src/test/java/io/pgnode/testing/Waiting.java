package io.pgnode.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions on the real thing. */
public final class Waiting {
    private Waiting() {}

    /** Polls every 50 ms; fails after the limit with the message, which is built only then. */
    public static void until(Duration limit, Supplier<String> message, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "not within " + limit.toSeconds() + " s: " + message.get());
            }
            pause(50);
        }
    }

    /** Lets time pass: for how long a fault lasts, never to wait for an effect. */
    public static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted");
            }
        }
    }
}
