package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackupLabel;
import java.time.Duration;
import java.util.List;

/**
 * What a restore did.
 *
 * @param systemId of the cluster, unsigned decimal
 * @param filesWritten and their bytes; of a delta restore only those that differed
 * @param filesKept that were there already
 * @param removed files, directories and links that the backup does not have
 * @param healed files that were damaged in one repository and came from another
 */
public record RestoreResult(
        RestorePlan plan,
        BackupLabel backup,
        String systemId,
        long filesWritten,
        long bytesWritten,
        long filesKept,
        long removed,
        List<String> healed,
        Duration elapsed) {
    public RestoreResult {
        healed = List.copyOf(healed);
    }
}
