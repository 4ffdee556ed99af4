package io.pgnode.os;

import java.util.function.LongSupplier;

/**
 * CLOCK_BOOTTIME in nanoseconds since the host booted.
 *
 * <p>The clock of all lease deadlines: every process of the host reads the same value, it never
 * jumps, and unlike {@link System#nanoTime()} it counts the time the machine was suspended, in
 * which a lease may well have ended. Thread-safe.
 */
public final class BootClock implements LongSupplier {
    @Override
    public long getAsLong() {
        long nanos = Libc.get().bootNanos();
        if (nanos < 0) {
            throw new IllegalStateException(
                    "clock_gettime(CLOCK_BOOTTIME) failed: " + Errno.text((int) -nanos));
        }
        return nanos;
    }
}
