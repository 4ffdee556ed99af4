package io.pgnode.backup.schedule.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the last slot of one type of backup went.
 *
 * @param slot null when there was none
 * @param result of that slot
 * @param attempts started for that slot
 * @param started when the last attempt did
 * @param finished when it ended; null while it runs
 * @param member who ran it; empty for none
 * @param message why it failed; the backup's label when it did not
 * @param lastSuccess when the last successful backup of this type started, whatever its slot; null
 *     for none
 */
public record JobState(
        @Nullable Instant slot,
        Result result,
        int attempts,
        @Nullable Instant started,
        @Nullable Instant finished,
        String member,
        String message,
        @Nullable Instant lastSuccess) {
    /** What became of a slot. */
    public enum Result {
        NONE,
        RUNNING,
        DONE,
        FAILED
    }

    /** Before the first slot. */
    public static final JobState NONE =
            new JobState(null, Result.NONE, 0, null, null, "", "", null);

    /** An attempt for {@code slot} begins. */
    public JobState begin(Instant slot, int attempt, Instant now, String member) {
        return new JobState(slot, Result.RUNNING, attempt, now, null, member, "", lastSuccess);
    }

    /** The running attempt has stored a backup. */
    public JobState done(Instant now, String label) {
        return new JobState(slot, Result.DONE, attempts, started, now, member, label, started);
    }

    /** The running attempt has failed. */
    public JobState failed(Instant now, String why) {
        return new JobState(slot, Result.FAILED, attempts, started, now, member, why, lastSuccess);
    }
}
