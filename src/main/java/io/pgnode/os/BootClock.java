package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/**
 * CLOCK_BOOTTIME in nanoseconds since the host booted.
 *
 * <p>The clock of all lease deadlines: every process of the host reads the same value, it never
 * jumps, and unlike {@link System#nanoTime()} it counts the time the machine was suspended, in
 * which a lease may well have ended. Thread-safe.
 */
public final class BootClock implements LongSupplier {
    private static final int CLOCK_BOOTTIME = 7;
    private static final Downcall CLOCK_GETTIME =
            Downcall.of("clock_gettime", JAVA_INT, JAVA_INT, ADDRESS);

    @Override
    public long getAsLong() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            int result =
                    (int)
                            CLOCK_GETTIME
                                    .handle()
                                    .invokeExact(Errno.allocate(arena), CLOCK_BOOTTIME, time);
            if (result != 0) {
                throw new IllegalStateException("clock_gettime(CLOCK_BOOTTIME) failed");
            }
            return time.get(JAVA_LONG, 0) * 1_000_000_000L + time.get(JAVA_LONG, 8);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }
}
