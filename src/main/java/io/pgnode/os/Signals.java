package io.pgnode.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Sends signals. Thread-safe. */
public final class Signals {
    private static final Downcall KILL = Downcall.of("kill", JAVA_INT, JAVA_INT, JAVA_INT);

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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            int result = (int) KILL.handle().invokeExact(errno, (int) pid, signal.number());
            if (result == 0) {
                return true;
            }
            if (Errno.read(errno) == Errno.ESRCH) {
                return false;
            }
            throw new ErrnoException(
                    "cannot send " + signal + " to process " + pid, Errno.read(errno));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }
}
