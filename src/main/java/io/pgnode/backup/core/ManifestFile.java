package io.pgnode.backup.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file of a backup.
 *
 * @param name {@code pg_data/base/1/112}, {@code pg_tblspc/16384/PG_15_202209061/5/16385}; see
 *     {@link RawText} for bytes that are not UTF-8
 * @param size bytes of what was stored, before compression
 * @param originalSize bytes when it was listed; differs from size when the file shrank or grew
 * @param timestamp when it was modified, whole seconds
 * @param checksum of what was stored, before compression; null for an empty file, and for one that
 *     is not stored yet
 * @param repoChecksum of the stored bytes; null where the file does not say
 * @param repoSize bytes as stored, within its bundle or alone; the size of one not stored yet
 * @param bundleId which bundle it is in, from 1; 0 for none
 * @param bundleOffset where in the bundle
 * @param reference the backup that holds it; null for this one
 * @param block how it is stored in blocks; null for a file stored whole
 * @param pageCheck null for a file without pages, or when they were not checked
 * @param user null when the user has no name
 * @param group null when the group has no name
 * @param mode permission bits
 */
public record ManifestFile(
        String name,
        long size,
        long originalSize,
        Instant timestamp,
        @Nullable Checksum checksum,
        @Nullable Checksum repoChecksum,
        long repoSize,
        long bundleId,
        long bundleOffset,
        @Nullable BackupLabel reference,
        @Nullable BlockIncremental block,
        @Nullable PageCheck pageCheck,
        @Nullable String user,
        @Nullable String group,
        int mode) {
    /** A file as it was listed: nothing is stored of it yet. */
    public static ManifestFile listed(
            String name,
            long size,
            Instant timestamp,
            @Nullable String user,
            @Nullable String group,
            int mode) {
        return new ManifestFile(
                name, size, size, timestamp, null, null, size, 0, 0, null, null, null, user, group,
                mode);
    }

    public boolean isBundled() {
        return bundleId != 0;
    }

    /** Stored by a backup: what it was, where it is. */
    public ManifestFile stored(
            long newSize,
            @Nullable Checksum newChecksum,
            @Nullable Checksum newRepoChecksum,
            long newRepoSize,
            @Nullable BlockIncremental newBlock,
            @Nullable PageCheck newPageCheck) {
        return new ManifestFile(
                name,
                newSize,
                originalSize,
                timestamp,
                newChecksum,
                newRepoChecksum,
                newRepoSize,
                bundleId,
                bundleOffset,
                null,
                newBlock,
                newPageCheck,
                user,
                group,
                mode);
    }

    /** At a place in a bundle of its backup. */
    public ManifestFile inBundle(long id, long offset) {
        return new ManifestFile(
                name,
                size,
                originalSize,
                timestamp,
                checksum,
                repoChecksum,
                repoSize,
                id,
                offset,
                reference,
                block,
                pageCheck,
                user,
                group,
                mode);
    }

    /**
     * This listed file with the stored content of an earlier backup's file.
     *
     * @param holder the backup that holds the bytes
     */
    public ManifestFile referring(ManifestFile earlier, BackupLabel holder) {
        return new ManifestFile(
                name,
                earlier.size,
                originalSize,
                timestamp,
                earlier.checksum,
                earlier.repoChecksum,
                earlier.repoSize,
                earlier.bundleId,
                earlier.bundleOffset,
                holder,
                earlier.block,
                earlier.pageCheck,
                user,
                group,
                mode);
    }
}
