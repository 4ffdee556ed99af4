package io.pgnode.cluster;

import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the local PostgreSQL instance was doing when it was last looked at.
 *
 * <p>Facts about files and the process are always current; what SQL tells ({@code inRecovery} on)
 * is from the last probe that answered.
 *
 * @param data the data directory
 * @param process the postmaster
 * @param control state in pg_control; {@link ControlState#UNKNOWN} when there is no readable one
 * @param systemId system identifier, decimal; empty when unknown
 * @param serverVersion {@code server_version_num} such as 150018; zero when unknown
 * @param postmasterStartMillis wall clock at which the postmaster started; zero when it does not
 *     run
 * @param answers whether the last probe was answered; when false, the positions below are from an
 *     earlier one
 * @param inRecovery a standby; while it starts or does not run: whether it is set up to start as
 *     one (standby.signal)
 * @param timeline of the WAL being written or received; from pg_control when stopped; zero when
 *     unknown
 * @param flushLsn primary: flushed; standby: same as {@code receiveLsn}; stopped: latest checkpoint
 *     or minimum recovery end
 * @param receiveLsn standby: received and flushed, at least {@code replayLsn}
 * @param replayLsn standby: replayed
 * @param replayTimestampMillis commit time of the last replayed transaction; zero when unknown
 * @param checkpointLsn latest checkpoint's location in pg_control
 * @param checkpointTimeline its timeline: a primary whose value lags {@code timeline} has not
 *     checkpointed since promotion
 * @param promotedTimeline the timeline that this data directory began by its last promotion here,
 *     remembered across restarts until it is copied anew or rewound; zero when there was none
 * @param replayPaused WAL replay is paused
 * @param upstream what primary_conninfo points to; null when there is none
 * @param streaming the WAL receiver is connected and streaming
 * @param replication standbys connected to this instance, from pg_stat_replication
 * @param slots physical replication slots on this instance
 * @param synchronousStandbyNames current setting
 * @param pendingRestart changed parameters that wait for a restart, with "old -> new"
 * @param freeBytes free space of the file system that holds the WAL; negative when unknown
 * @param walPath where the WAL is, for messages; empty when unknown
 */
public record InstanceView(
        DataState data,
        ProcessState process,
        ControlState control,
        String systemId,
        int serverVersion,
        long postmasterStartMillis,
        boolean answers,
        boolean inRecovery,
        int timeline,
        Lsn flushLsn,
        Lsn receiveLsn,
        Lsn replayLsn,
        long replayTimestampMillis,
        Lsn checkpointLsn,
        int checkpointTimeline,
        int promotedTimeline,
        boolean replayPaused,
        @Nullable HostPort upstream,
        boolean streaming,
        List<Standby> replication,
        Set<String> slots,
        String synchronousStandbyNames,
        Map<String, String> pendingRestart,
        long freeBytes,
        String walPath) {
    /**
     * With less than a WAL segment free, a server cannot begin the next one and stops with an
     * error.
     */
    public static final long NO_SPACE_BYTES = 16L << 20;

    /** Below this an operator should be told: 16 WAL segments. */
    public static final long LITTLE_SPACE_BYTES = 256L << 20;

    /** The data directory. */
    public enum DataState {
        /** Missing or empty: a cluster may be created or cloned here. */
        EMPTY,
        /** A complete data directory of a supported version. */
        VALID,
        /** A rewind or clone did not finish: it must never be started. */
        UNFINISHED,
        /** Something else is there, or it cannot be read; see the problem in the log. */
        UNUSABLE
    }

    /** The postmaster. */
    public enum ProcessState {
        STOPPED,
        /** Runs, but does not accept connections yet. */
        STARTING,
        RUNNING,
        STOPPING
    }

    /** {@code Database cluster state} of pg_control. */
    public enum ControlState {
        UNKNOWN,
        STARTING_UP,
        SHUT_DOWN,
        SHUT_DOWN_IN_RECOVERY,
        SHUTTING_DOWN,
        IN_CRASH_RECOVERY,
        IN_ARCHIVE_RECOVERY,
        IN_PRODUCTION
    }

    /**
     * A row of pg_stat_replication.
     *
     * @param applicationName the member name for members
     * @param userName the role it streams as; empty when unknown
     * @param state {@code streaming}, {@code catchup}, {@code startup}, {@code backup}
     * @param syncState {@code sync}, {@code async}, {@code potential}, {@code quorum}
     * @param syncPriority place in the list of synchronous standbys, 1 first; zero for none
     */
    public record Standby(
            String applicationName,
            String userName,
            String clientAddress,
            String state,
            String syncState,
            int syncPriority,
            Lsn sentLsn,
            Lsn writeLsn,
            Lsn flushLsn,
            Lsn replayLsn) {}

    public static final InstanceView NOTHING =
            new InstanceView(
                    DataState.EMPTY,
                    ProcessState.STOPPED,
                    ControlState.UNKNOWN,
                    "",
                    0,
                    0,
                    false,
                    false,
                    0,
                    Lsn.NONE,
                    Lsn.NONE,
                    Lsn.NONE,
                    0,
                    Lsn.NONE,
                    0,
                    0,
                    false,
                    null,
                    false,
                    List.of(),
                    Set.of(),
                    "",
                    Map.of(),
                    -1,
                    "");

    public InstanceView {
        replication = List.copyOf(replication);
        slots = Set.copyOf(slots);
        pendingRestart = Map.copyOf(pendingRestart);
    }

    public boolean isRunning() {
        return process == ProcessState.RUNNING;
    }

    /**
     * A process that may acknowledge commits: running (or not yet seen to have stopped) and not in
     * recovery.
     */
    public boolean isPrimary() {
        return process == ProcessState.RUNNING && !inRecovery;
    }

    public boolean isStandby() {
        return process == ProcessState.RUNNING && inRecovery;
    }

    /** It accepts writes, or did when it last ran. */
    public boolean wasPrimary() {
        return !inRecovery && control != ControlState.SHUT_DOWN_IN_RECOVERY;
    }

    /**
     * It began its timeline itself, as far as can be told: it is or was a primary, or its last
     * promotion made the timeline.
     */
    public boolean beganItsTimeline() {
        return wasPrimary() || promotedTimeline != 0 && promotedTimeline == timeline;
    }

    /** Whether the file system of the WAL is full; false when that is not known. */
    public boolean isOutOfSpace() {
        return freeBytes >= 0 && freeBytes < NO_SPACE_BYTES;
    }

    /** Whether the file system of the WAL is nearly full; false when that is not known. */
    public boolean isShortOfSpace() {
        return freeBytes >= 0 && freeBytes < LITTLE_SPACE_BYTES;
    }

    /** How much space is left and where, for a sentence. */
    public String space() {
        return freeBytes + " bytes free on the file system of " + walPath;
    }

    /** The position to compare in a leader race: the most this instance has durably received. */
    public Lsn position() {
        return inRecovery ? Lsn.max(receiveLsn, replayLsn) : flushLsn;
    }
}
