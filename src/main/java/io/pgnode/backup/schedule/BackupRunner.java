package io.pgnode.backup.schedule;

import io.pgnode.backup.core.BackupType;
import java.io.IOException;
import java.time.Duration;

/** Starts backups, each a process of its own. */
public interface BackupRunner {
    /**
     * @param epoch of the lease
     * @param maxRunTime after which it is stopped
     * @throws IOException when it cannot be started
     */
    Run start(BackupType type, long epoch, Duration maxRunTime) throws IOException;

    /** A running backup. */
    interface Run {
        /** Waits for its end. */
        Outcome await() throws InterruptedException;

        /** Ends it soon; {@link #await} tells when. What it has stored is resumed later. */
        void cancel();

        BackupLease.Progress progress();
    }

    /**
     * How it ended.
     *
     * @param text the backup's label, or why there is none
     */
    record Outcome(boolean isDone, String text) {}
}
