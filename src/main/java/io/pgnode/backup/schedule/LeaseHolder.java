package io.pgnode.backup.schedule;

import io.pgnode.backup.core.BackupType;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a backup just now, as the DCS says it.
 *
 * @param slot null when an operator asked for it
 * @param doneBytes read so far
 * @param totalBytes zero while unknown
 * @param createRevision of the key: one per run
 */
public record LeaseHolder(
        String member,
        BackupType type,
        @Nullable Instant slot,
        Instant started,
        long epoch,
        long doneBytes,
        long totalBytes,
        long leaseId,
        long createRevision) {
    LeaseHolder progress(long done, long total) {
        return new LeaseHolder(
                member, type, slot, started, epoch, done, total, leaseId, createRevision);
    }
}
