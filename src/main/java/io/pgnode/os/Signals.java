package io.pgnode.os;

import java.io.IOException;

/** Sends signals. Thread-safe. */
public final class Signals {
    private Signals() {}

    /**
     * Signals the process unless it is gone or its pid now names another process.
     *
     * @return false when it is gone
     * @throws IOException when the kernel refuses, usually because it belongs to another user
     */
    public static boolean send(ProcessIdentity process, Signal signal) throws IOException {
        return process.isAlive() && send(process.pid(), signal);
    }

    /**
     * @return false when there is no such process
     * @throws IOException when the kernel refuses, usually because it belongs to another user
     */
    public static boolean send(long pid, Signal signal) throws IOException {
        if (pid <= 1) {
            // 0, -1 and negative pids would signal groups; 1 is init.
            throw new IllegalArgumentException("pid must be above 1, was " + pid);
        }
        int result = Libc.get().kill((int) pid, signal.number());
        if (result == -Errno.ESRCH) {
            return false;
        }
        if (result < 0) {
            throw new ErrnoException("cannot send " + signal + " to process " + pid, -result);
        }
        return true;
    }
}
