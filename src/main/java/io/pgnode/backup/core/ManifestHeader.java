package io.pgnode.backup.core;

import io.pgnode.model.Lsn;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backup is: the section {@code [backup]} of its manifest.
 *
 * @param backrestVersion of the program that wrote the manifest
 * @param prior what it is based on; null for a full backup
 * @param reference all backups that hold its files, this one last; null in files of versions before
 *     2.44
 * @param archiveStart null when made offline
 * @param archiveStop null when made offline, and until it is complete
 * @param lsnStart null when made offline
 * @param lsnStop null when made offline, and until it is complete
 * @param timestampStart whole seconds
 * @param timestampCopyStart when the files were listed, whole seconds
 * @param timestampStop whole seconds; the epoch until it is complete
 * @param bundle whether small files are bundled
 * @param bundleRaw whether compressed or encrypted members of bundles lack their headers
 * @param blockIncremental whether files may be stored in blocks
 */
public record ManifestHeader(
        String backrestVersion,
        BackupLabel label,
        BackupType type,
        @Nullable BackupLabel prior,
        @Nullable List<BackupLabel> reference,
        @Nullable WalSegment archiveStart,
        @Nullable WalSegment archiveStop,
        @Nullable Lsn lsnStart,
        @Nullable Lsn lsnStop,
        Instant timestampStart,
        Instant timestampCopyStart,
        Instant timestampStop,
        boolean bundle,
        boolean bundleRaw,
        boolean blockIncremental) {
    public ManifestHeader {
        reference = reference == null ? null : List.copyOf(reference);
    }
}
