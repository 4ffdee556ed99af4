package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * What {@code expire} keeps, as pgBackRest's keys of retention say it.
 *
 * @param full full backups, or days of them; null keeps all
 * @param fullType what {@code full} counts
 * @param diff full and differential backups of which the differential ones are kept; null keeps
 *     them until their full backup expires
 * @param archive backups whose WAL is kept without gaps from their start on; null for the default:
 *     as many as {@code full} or {@code diff} keep
 * @param archiveType which backups {@code archive} counts: {@code DIFF} counts full ones, too, and
 *     {@code INCR} all
 * @param historyDays days that manifests of expired backups are kept in the history; null keeps all
 */
public record RetentionPolicy(
        @Nullable Integer full,
        FullType fullType,
        @Nullable Integer diff,
        @Nullable Integer archive,
        BackupType archiveType,
        @Nullable Integer historyDays) {
    /** Nothing expires. */
    public static final RetentionPolicy KEEP_ALL =
            new RetentionPolicy(null, FullType.COUNT, null, null, BackupType.FULL, null);

    /** What the number of full backups is. */
    public enum FullType {
        COUNT,
        /** Days; the newest full backup that is older is kept, too, to reach back that far. */
        TIME
    }

    public RetentionPolicy {
        atLeast("full", full, 1);
        atLeast("diff", diff, 1);
        atLeast("archive", archive, 1);
        atLeast("history", historyDays, 0);
    }

    /** The newest full backups, and nothing else said. */
    public static RetentionPolicy ofFull(int count) {
        return new RetentionPolicy(count, FullType.COUNT, null, null, BackupType.FULL, null);
    }

    private static void atLeast(String what, @Nullable Integer value, int least) {
        if (value != null && value < least) {
            throw new IllegalArgumentException(
                    "retention." + what + " must be at least " + least + ", was " + value);
        }
    }
}
