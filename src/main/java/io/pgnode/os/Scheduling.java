package io.pgnode.os;

/** Lets one thread run before all ordinary ones, for the threads that hold a deadline. */
public final class Scheduling {
    /** SCHED_RR, not inherited by child processes. */
    private static final int SCHED_RR_RESET_ON_FORK = 2 | 0x40000000;

    private static final int LOWEST_REALTIME_PRIORITY = 1;
    private static final int THIS_THREAD = 0;

    private Scheduling() {}

    /**
     * Makes the calling platform thread a real-time one where the host allows it.
     *
     * @return whether it is
     */
    public static boolean makeRealtime() {
        return Libc.get()
                        .schedSetscheduler(
                                THIS_THREAD, SCHED_RR_RESET_ON_FORK, LOWEST_REALTIME_PRIORITY)
                == 0;
    }
}
