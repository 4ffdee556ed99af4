package io.pgnode.backup.engine;

/** Told how a backup goes on, about once a second and at each new phase; from any thread. */
public interface Progress {
    Progress NONE =
            new Progress() {
                @Override
                public void at(Status status) {}

                @Override
                public void note(String sentence) {}
            };

    /** What a backup does, in this order. */
    enum Phase {
        /** Locks, the repository's state, whether archiving works. */
        CHECK,
        /** The server's checkpoint; on a standby, until it has replayed it. */
        START,
        LIST,
        COPY,
        STOP,
        /** Until the last segment is in the archive. */
        WAIT_FOR_WAL,
        COMPLETE
    }

    /**
     * A moment of a backup.
     *
     * @param bytesDone of files read, or known to be stored already
     * @param bytesTotal zero before the files are listed
     * @param filesDone of those to be read
     * @param filesTotal zero before the files are listed
     * @param bytesPerSecond over the last seconds
     */
    record Status(
            Phase phase,
            long bytesDone,
            long bytesTotal,
            int filesDone,
            int filesTotal,
            double bytesPerSecond) {}

    void at(Status status);

    /** Something that the user should know of, such as a promotion to a full backup. */
    void note(String sentence);
}
