package io.pgnode.postgres.core;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.model.Lsn;

/**
 * The fields of {@code global/pg_control} that control of an instance needs.
 *
 * @param catalogVersion of the system catalogs, as in names of tablespace directories
 * @param systemId system identifier, unsigned decimal
 * @param checkpoint location of the latest checkpoint record
 * @param redo where recovery from that checkpoint starts
 * @param timeline timeline of the latest checkpoint
 * @param previousTimeline timeline before it, when the checkpoint began a new one; else the same
 * @param minRecovery a standby must replay to here before it is consistent; {@link Lsn#NONE} on a
 *     primary
 * @param minRecoveryTimeline zero when {@code minRecovery} is none
 * @param backupUnfinished the directory comes from a backup whose end was not replayed yet
 * @param walLevel 0 minimal, 1 replica, 2 logical
 * @param walBlockSize bytes
 * @param walSegmentSize bytes
 * @param checksumVersion zero when data checksums are off
 */
public record ControlData(
        int controlVersion,
        int catalogVersion,
        String systemId,
        ControlState state,
        Lsn checkpoint,
        Lsn redo,
        int timeline,
        int previousTimeline,
        Lsn minRecovery,
        int minRecoveryTimeline,
        boolean backupUnfinished,
        int walLevel,
        boolean walLogHints,
        int maxConnections,
        int maxWorkerProcesses,
        int maxWalSenders,
        int maxPreparedXacts,
        int maxLocksPerXact,
        boolean trackCommitTimestamp,
        int walBlockSize,
        int walSegmentSize,
        int checksumVersion) {
    /** Short header of a WAL page, and the long one that starts a segment, in bytes. */
    private static final int SHORT_PAGE_HEADER = 24;

    private static final int LONG_PAGE_HEADER = 40;

    /**
     * Record header (24) + short data header (2) + CheckPoint (88), in bytes; the same in 13 to 18.
     */
    private static final int CHECKPOINT_RECORD = 114;

    /** Whether it was shut down in an orderly way, as a primary or as a standby. */
    public boolean isCleanlyShutDown() {
        return switch (state) {
            case SHUT_DOWN, SHUT_DOWN_IN_RECOVERY -> true;
            case UNKNOWN,
                    STARTING_UP,
                    SHUTTING_DOWN,
                    IN_CRASH_RECOVERY,
                    IN_ARCHIVE_RECOVERY,
                    IN_PRODUCTION ->
                    false;
        };
    }

    /** Whether it last ran as a standby, so that what it has is what it replayed. */
    public boolean wasInRecovery() {
        return state == ControlState.SHUT_DOWN_IN_RECOVERY
                || state == ControlState.IN_ARCHIVE_RECOVERY;
    }

    /** pg_rewind can only work with one of them on. */
    public boolean canRewind() {
        return checksumVersion != 0 || walLogHints;
    }

    /**
     * The position after the latest checkpoint record: where a standby that received all of a
     * cleanly shut down primary stands, and where it ends the timeline when promoted.
     */
    public Lsn checkpointEnd() {
        long start = checkpoint.value();
        int inPage = (int) Long.remainderUnsigned(start, walBlockSize);
        int room = walBlockSize - inPage;
        if (CHECKPOINT_RECORD <= room) {
            return new Lsn(align(start + CHECKPOINT_RECORD));
        }
        long nextPage = start + room;
        boolean segmentStart = Long.remainderUnsigned(nextPage, walSegmentSize) == 0;
        int header = segmentStart ? LONG_PAGE_HEADER : SHORT_PAGE_HEADER;
        return new Lsn(nextPage + header + align((long) CHECKPOINT_RECORD - room));
    }

    private static long align(long bytes) {
        return (bytes + 7) & ~7L;
    }
}
