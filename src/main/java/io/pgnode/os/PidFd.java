package io.pgnode.os;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells within milliseconds that a process ended, be it our child or not.
 *
 * <p>Each watch is one daemon thread asleep in {@code poll} on the process' file descriptor; a
 * kernel without pidfd_open (before 5.3) is asked every 20 ms instead. Being stopped is not an end,
 * becoming a zombie is.
 */
public final class PidFd implements AutoCloseable {
    private static final int NONE = -1;

    /** How soon the thread of a closed watch ends. */
    private static final int SLICE_MILLIS = 2000;

    private static final int POLLING_MILLIS = 20;

    private final ProcessIdentity process;
    private final Runnable action;
    private final AtomicBoolean done = new AtomicBoolean();

    private PidFd(ProcessIdentity process, Runnable action) {
        this.process = process;
        this.action = action;
    }

    /**
     * Runs {@code action} once, on the watch's own thread, when the process has ended, or soon if
     * it already has. The action should be short and must not throw.
     */
    public static PidFd onExit(ProcessIdentity process, Runnable action) {
        PidFd watch = new PidFd(process, action);
        Thread.ofPlatform().name("pidfd-" + process.pid()).daemon(true).start(watch::run);
        return watch;
    }

    /** Ends the watch; the action will not run any more, though it may be running just now. */
    @Override
    public void close() {
        done.set(true);
    }

    private void run() {
        int fd = open(process.pid());
        try {
            // Checked after opening: from here on the descriptor cannot mean another process.
            while (!done.get() && process.isAlive()) {
                if (fd == NONE) {
                    Thread.sleep(POLLING_MILLIS);
                } else if (FileCalls.awaitReadable(fd, SLICE_MILLIS)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            return;
        } finally {
            if (fd != NONE) {
                FileCalls.close(fd);
            }
        }
        if (done.compareAndSet(false, true)) {
            action.run();
        }
    }

    private static int open(long pid) {
        int fd = Libc.get().pidfdOpen((int) pid);
        return fd < 0 ? NONE : fd;
    }
}
