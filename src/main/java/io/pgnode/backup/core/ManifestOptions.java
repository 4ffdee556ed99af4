package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * How a backup was made. What old files do not say is null.
 *
 * @param bufferSize bytes
 * @param compress whether files are compressed
 * @param compressType null in files of versions before 2.27, which knew gz only
 */
public record ManifestOptions(
        boolean archiveCheck,
        boolean archiveCopy,
        @Nullable Boolean backupStandby,
        @Nullable Long bufferSize,
        @Nullable Boolean checksumPage,
        boolean compress,
        @Nullable Integer compressLevel,
        @Nullable Integer compressLevelNetwork,
        @Nullable CompressType compressType,
        @Nullable Boolean delta,
        boolean hardlink,
        boolean online,
        @Nullable Integer processMax) {
    /** How the backup's files are compressed. */
    public CompressType compression() {
        if (compressType != null) {
            return compressType;
        }
        return compress ? CompressType.GZ : CompressType.NONE;
    }
}
