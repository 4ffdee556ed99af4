package io.pgnode.cli;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Ends a backup with the process that wanted it and holds the lease: one that is killed cannot
 * tell, and when its lease has ended another member makes the backup. First the backup is asked to
 * stop; when it has not ended after a grace time, well before the end of the lease, the process is.
 */
final class ParentWatch {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** With the interval less than what a lease of 30 s, renewed every 7.5 s, has left. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private final BooleanSupplier isThere;
    private final Runnable stop;
    private final Runnable end;
    private final Duration interval;
    private final Duration grace;

    /**
     * @param isThere whether the parent lives
     * @param stop asks for an end; returns at once
     * @param end is the end
     */
    ParentWatch(
            BooleanSupplier isThere,
            Runnable stop,
            Runnable end,
            Duration interval,
            Duration grace) {
        this.isThere = isThere;
        this.stop = stop;
        this.end = end;
        this.interval = interval;
        this.grace = grace;
    }

    /**
     * Of this process.
     *
     * @param parent its pid when this process was started
     */
    static ParentWatch of(long parent, Runnable stop) {
        return new ParentWatch(
                () -> isParent(parent),
                stop,
                () -> Runtime.getRuntime().halt(ExitCode.TERMINATED.code()),
                INTERVAL,
                GRACE);
    }

    private static boolean isParent(long pid) {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L) == pid;
    }

    /**
     * Until the end of this process.
     *
     * @throws BackupException {@code TERMINATED} when the parent is gone already: on a busy machine
     *     a process takes its time to get here
     */
    void begin() throws BackupException {
        if (!isThere.getAsBoolean()) {
            throw new BackupException(
                    BackrestExit.TERMINATED,
                    "the archiver that wanted this backup has ended before it began");
        }
        Thread.ofPlatform().daemon(true).name("backup-parent").start(this::watch);
    }

    private void watch() {
        try {
            while (isThere.getAsBoolean()) {
                Thread.sleep(interval);
            }
            stop.run();
            Thread.sleep(grace);
            end.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
