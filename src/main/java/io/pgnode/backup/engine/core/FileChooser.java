package io.pgnode.backup.engine.core;

import io.pgnode.backup.codec.BlockSizes;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.BlockIncremental;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.engine.core.CopyJob.Blocks;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each listed file whether it is read, and how it is stored.
 *
 * @param prior what the backup is based on; null for a full one
 * @param unfinished what an earlier run stored in the same directory; null for nothing
 * @param isThere whether a file of the unfinished backup is in the repository with all its bytes
 * @param isDelta whether unchanged times are not enough: contents are compared
 * @param bundle whether small files are bundled
 * @param bundleLimit bytes of the largest small file
 * @param block whether files are stored in blocks
 * @param at when the backup started, for the age of files
 */
public record FileChooser(
        BackupType type,
        @Nullable Manifest prior,
        @Nullable Manifest unfinished,
        Predicate<ManifestFile> isThere,
        boolean isDelta,
        boolean bundle,
        long bundleLimit,
        boolean block,
        Instant at) {
    /** What to do with a file. */
    public sealed interface Choice {
        /** Nothing but to write it into the manifest. */
        record Known(ManifestFile file) implements Choice {}

        /** Read it. */
        record Read(CopyJob job) implements Choice {}
    }

    public Choice choose(ManifestFile listed) {
        if (listed.size() == 0 && bundle) {
            return new Choice.Known(listed);
        }
        ManifestFile earlier = earlier(listed);
        ManifestFile same = null;
        if (earlier != null && isStored(earlier, listed)) {
            ManifestFile placed = CopyJob.placed(listed, earlier, earlier.reference());
            if (!isDelta && earlier.timestamp().equals(listed.timestamp())) {
                return new Choice.Known(placed);
            }
            same = isDelta || isSmall(listed) ? placed : null;
        }
        if (same == null) {
            same =
                    unfinished(listed)
                            .map(stored -> CopyJob.placed(listed, stored, null))
                            .orElse(null);
        }
        return new Choice.Read(new CopyJob(listed, same, blocks(listed, earlier)));
    }

    /** With the backup that holds it. */
    private @Nullable ManifestFile earlier(ManifestFile listed) {
        if (prior == null) {
            return null;
        }
        ManifestFile found = prior.find(listed.name()).orElse(null);
        return found == null || found.reference() != null
                ? found
                : found.referring(found, prior.label());
    }

    private static boolean isStored(ManifestFile stored, ManifestFile listed) {
        return stored.checksum() != null
                && stored.repoSize() > 0
                && stored.size() > 0
                && stored.size() == listed.size();
    }

    private Optional<ManifestFile> unfinished(ManifestFile listed) {
        if (unfinished == null) {
            return Optional.empty();
        }
        return unfinished
                .find(listed.name())
                .filter(
                        stored ->
                                stored.reference() == null
                                        && isStored(stored, listed)
                                        && isThere.test(stored));
    }

    /** Whether it goes into a bundle. */
    public boolean isSmall(ManifestFile file) {
        return bundle && file.size() <= bundleLimit;
    }

    private @Nullable Blocks blocks(ManifestFile listed, @Nullable ManifestFile earlier) {
        if (!block || listed.size() == 0) {
            return null;
        }
        boolean isFull = type == BackupType.FULL;
        BlockIncremental before = earlier == null ? null : earlier.block();
        if (before != null) {
            return new Blocks(
                    before.blockSize(),
                    before.checksumSize(),
                    BlockSizes.superBlockSize(before.blockSize(), isFull),
                    earlier);
        }
        long age = Math.max(0, Duration.between(listed.timestamp(), at).toSeconds());
        int size = BlockSizes.blockSize(listed.size(), age);
        return size == 0
                ? null
                : new Blocks(
                        size,
                        BlockSizes.checksumSize(size),
                        BlockSizes.superBlockSize(size, isFull),
                        null);
    }
}
