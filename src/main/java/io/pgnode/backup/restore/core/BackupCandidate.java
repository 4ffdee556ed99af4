package io.pgnode.backup.restore.core;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A backup that may be restored.
 *
 * @param repositoryKey of the repository that has it
 * @param stop when it was complete
 * @param startLsn where replay begins; null for a backup of a server that was down
 * @param stopLsn where it is consistent; null as above
 * @param walStart the first segment that it needs; null as above
 * @param walStop the last segment that it needs; null as above
 */
public record BackupCandidate(
        int repositoryKey,
        BackupLabel label,
        Instant stop,
        @Nullable Lsn startLsn,
        @Nullable Lsn stopLsn,
        @Nullable WalSegment walStart,
        @Nullable WalSegment walStop) {

    /** The timeline it was made on; 0 for a backup of a server that was down. */
    public int timeline() {
        return walStop == null ? 0 : walStop.timeline();
    }
}
