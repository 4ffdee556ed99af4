package io.pgnode.postgres;

/**
 * How a rewind went. Everything but the first two needs another way: another source, or a clone.
 */
public sealed interface RewindResult {
    /** The directory has the source's history now, and starts as its standby. */
    record Done() implements RewindResult {}

    /** Nothing diverged; nothing was changed but for crash recovery. */
    record NotNeeded() implements RewindResult {}

    /** The source could not be reached or refused us; the directory is as it was. */
    record CannotConnect(String why) implements RewindResult {}

    /** The WAL back to the last common checkpoint is gone; the directory is as it was. */
    record MissingWal(String why) implements RewindResult {}

    /** Neither data checksums nor wal_log_hints: pg_rewind cannot work on this directory. */
    record Impossible(String why) implements RewindResult {}

    /**
     * It failed.
     *
     * @param isUnusable it had begun to change files: the directory must never be started
     */
    record Failed(String why, boolean isUnusable) implements RewindResult {}
}
