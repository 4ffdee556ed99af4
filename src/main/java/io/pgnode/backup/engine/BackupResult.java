package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.BackupType;
import java.util.List;

/**
 * A backup that is complete.
 *
 * @param requested what was asked for; the type differs when it was made full
 * @param bytesRead of the cluster's files
 * @param damaged files with wrong pages; the backup has them as they are
 */
public record BackupResult(
        BackupSummary summary, BackupType requested, long bytesRead, List<DamagedPages> damaged) {
    /**
     * Pages whose checksums are wrong.
     *
     * @param file its name in the manifest
     * @param first block, counted over all files of the relation
     * @param last block, inclusive
     */
    public record DamagedPages(String file, long first, long last) {
        @Override
        public String toString() {
            return file + (first == last ? " block " + first : " blocks " + first + " to " + last);
        }
    }

    public BackupResult {
        damaged = List.copyOf(damaged);
    }

    public BackupLabel label() {
        return summary.label();
    }

    public BackupType type() {
        return summary.type();
    }
}
