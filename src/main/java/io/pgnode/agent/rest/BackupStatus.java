package io.pgnode.agent.rest;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of its cluster's backups, and of the archiving of its own WAL.
 *
 * @param seen when the DCS last told it; null before the first time
 * @param running null when no member makes one
 * @param last the last one of each type, of the schedule and by hand
 * @param archiver null while the local server does not tell
 */
public record BackupStatus(
        String stanza,
        @Nullable Instant seen,
        @Nullable Running running,
        List<Last> last,
        @Nullable Archiver archiver) {
    public BackupStatus {
        last = List.copyOf(last);
    }

    /**
     * A backup that a member makes.
     *
     * @param type {@code full}, {@code diff} or {@code incr}
     * @param slot of the schedule; null when an operator asked for it
     * @param isHere whether it is this member
     * @param size bytes; zero while unknown
     * @param bytesPerSecond of late; zero while unknown
     */
    public record Running(
            String member,
            String type,
            @Nullable Instant slot,
            Instant started,
            long epoch,
            boolean isHere,
            long complete,
            long size,
            double bytesPerSecond) {
        /** Until all is read; zero while unknown. */
        public Duration left() {
            return bytesPerSecond > 0 && size > complete
                    ? Duration.ofSeconds(Math.round((size - complete) / bytesPerSecond))
                    : Duration.ZERO;
        }
    }

    /**
     * What became of the last attempt of a type.
     *
     * @param result {@code running}, {@code done} or {@code failed}
     * @param slot of the schedule; null when an operator asked for it
     * @param text label when it is done, why there is none when it failed
     * @param lastSuccess when the last one that is done began; null for none
     * @param lastFailure when the last attempt failed; null when it did not
     */
    public record Last(
            String type,
            String result,
            String member,
            @Nullable Instant slot,
            @Nullable Instant started,
            @Nullable Instant finished,
            String text,
            @Nullable Instant lastSuccess,
            @Nullable Instant lastFailure) {}

    /**
     * The archiving of a server's WAL.
     *
     * @param lastArchived name of the file; null for none since the server's statistics were reset
     * @param ready files that wait; negative when unknown
     */
    public record Archiver(
            long archived,
            @Nullable String lastArchived,
            @Nullable Instant lastArchivedAt,
            long failed,
            @Nullable String lastFailed,
            @Nullable Instant lastFailedAt,
            int ready) {}
}
