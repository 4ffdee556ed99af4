package io.pgnode.backup.core;

import io.pgnode.model.Lsn;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A backup's line in {@code backup.info}. What a file does not say is null, and stays away when the
 * file is written again.
 *
 * @param prior what this one is based on; null for a full backup
 * @param reference the other backups that hold files of this one
 * @param backrestVersion of the program that made it
 * @param annotation by key; none is an empty map
 * @param archiveStart the first WAL segment it needs; null when made offline
 * @param archiveStop the last WAL segment it needs; null when made offline
 * @param lsnStart where its replay starts; null when made offline
 * @param lsnStop where it is consistent; null when made offline
 * @param timestampStart whole seconds
 * @param timestampStop whole seconds
 * @param error whether pages with wrong checksums were found
 * @param databaseId which entry of the history it is of
 */
public record BackupSummary(
        BackupLabel label,
        BackupType type,
        @Nullable BackupLabel prior,
        List<BackupLabel> reference,
        int backrestFormat,
        String backrestVersion,
        Map<String, String> annotation,
        @Nullable WalSegment archiveStart,
        @Nullable WalSegment archiveStop,
        @Nullable Lsn lsnStart,
        @Nullable Lsn lsnStop,
        Instant timestampStart,
        Instant timestampStop,
        @Nullable Boolean error,
        BackupSizes sizes,
        int databaseId,
        Options options) {
    public BackupSummary {
        reference = List.copyOf(reference);
        annotation = sorted(annotation);
    }

    private static Map<String, String> sorted(Map<String, String> annotation) {
        SortedMap<String, String> sorted = new TreeMap<>(RawText.ORDER);
        sorted.putAll(annotation);
        return Collections.unmodifiableSortedMap(sorted);
    }

    /** How it was made. */
    public record Options(
            boolean archiveCheck,
            boolean archiveCopy,
            boolean backupStandby,
            boolean checksumPage,
            boolean compress,
            boolean hardlink,
            boolean online) {}

    /** With other annotations; none is an empty map. */
    public BackupSummary withAnnotation(Map<String, String> changed) {
        return new BackupSummary(
                label,
                type,
                prior,
                reference,
                backrestFormat,
                backrestVersion,
                changed,
                archiveStart,
                archiveStop,
                lsnStart,
                lsnStop,
                timestampStart,
                timestampStop,
                error,
                sizes,
                databaseId,
                options);
    }
}
