package io.pgnode.backup.restore;

import java.time.Duration;

/** Hears how far a restore is: a few times a second, from the restore's threads, one at a time. */
@FunctionalInterface
public interface Progress {
    /** Nobody listens. */
    Progress NONE = _ -> {};

    void update(State state);

    /** What is being done. */
    enum Phase {
        /** Existing files are compared with the backup. */
        COMPARE,
        /** Files are written. */
        COPY,
        /** What was written is made durable. */
        SYNC,
        DONE
    }

    /**
     * How far it is.
     *
     * @param bytesDone of this phase, as restored
     * @param bytesTotal of this phase
     * @param elapsed since the phase began
     * @param left about; zero when nothing can be said yet
     */
    record State(
            Phase phase,
            long bytesDone,
            long bytesTotal,
            long filesDone,
            long filesTotal,
            Duration elapsed,
            Duration left) {}
}
