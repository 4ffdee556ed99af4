package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Lets one thread run before all ordinary ones, for the threads that hold a deadline. */
public final class Scheduling {
    /** SCHED_RR, not inherited by child processes. */
    private static final int SCHED_RR_RESET_ON_FORK = 2 | 0x40000000;

    private static final int LOWEST_REALTIME_PRIORITY = 1;
    private static final int THIS_THREAD = 0;
    private static final Downcall SCHED_SETSCHEDULER =
            Downcall.of("sched_setscheduler", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);

    private Scheduling() {}

    /**
     * Makes the calling platform thread a real-time one where the host allows it.
     *
     * @return whether it is
     */
    public static boolean makeRealtime() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment priority = arena.allocateFrom(JAVA_INT, LOWEST_REALTIME_PRIORITY);
            int result =
                    (int)
                            SCHED_SETSCHEDULER
                                    .handle()
                                    .invokeExact(
                                            Errno.allocate(arena),
                                            THIS_THREAD,
                                            SCHED_RR_RESET_ON_FORK,
                                            priority);
            return result == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }
}
