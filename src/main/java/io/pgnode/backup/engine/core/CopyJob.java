package io.pgnode.backup.engine.core;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.ManifestFile;
import org.jspecify.annotations.Nullable;

/**
 * A file to be read.
 *
 * @param file as it was listed
 * @param same what to write into the manifest when the content turns out to be the same as that of
 *     a stored file; null when there is none to compare with
 * @param blocks how to store it in blocks; null to store it whole
 */
public record CopyJob(ManifestFile file, @Nullable ManifestFile same, @Nullable Blocks blocks) {
    /**
     * How to store a file in blocks.
     *
     * @param blockSize bytes
     * @param checksumSize bytes
     * @param superBlockSize bytes
     * @param earlier the file whose map is continued, with the backup that holds it; null for none
     */
    public record Blocks(
            int blockSize, int checksumSize, int superBlockSize, @Nullable ManifestFile earlier) {}

    /**
     * A listed file with the place of stored content.
     *
     * @param holder null for the backup that is being made
     */
    static ManifestFile placed(
            ManifestFile listed, ManifestFile stored, @Nullable BackupLabel holder) {
        return new ManifestFile(
                listed.name(),
                stored.size(),
                listed.originalSize(),
                listed.timestamp(),
                stored.checksum(),
                stored.repoChecksum(),
                stored.repoSize(),
                stored.bundleId(),
                stored.bundleOffset(),
                holder,
                stored.block(),
                stored.pageCheck(),
                listed.user(),
                listed.group(),
                listed.mode());
    }
}
