package io.pgnode.backup.engine;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.CompressType;
import java.time.Duration;
import java.util.Map;

/**
 * How a backup is made.
 *
 * @param compression of a full backup; others take that of what they are based on
 * @param bundle small files are stored together
 * @param block changed files are stored in blocks; only with bundle
 * @param bundleLimit bytes of the largest small file
 * @param bundleSize bytes of files in a bundle, about
 * @param workers files that are read at the same time
 * @param startFast the server's checkpoint is done at once
 * @param checksumPages checksums of pages are verified, when the cluster has them
 * @param delta contents are compared even if times and sizes are the same
 * @param resume what an earlier run left is used
 * @param archiveCheck that archiving works, and that all WAL needed is in the archive
 * @param archiveTimeout how long the archiver may take without archiving anything
 * @param startTimeout how long the server's checkpoints and a standby's replay may take
 * @param bytesPerSecond that are read at most; zero for no limit
 * @param saveBytes how many bytes are read between two saves of the unfinished manifest
 * @param annotation kept with the backup
 */
public record BackupOptions(
        Compression compression,
        boolean bundle,
        boolean block,
        long bundleLimit,
        long bundleSize,
        int workers,
        boolean startFast,
        boolean checksumPages,
        boolean delta,
        boolean resume,
        boolean archiveCheck,
        Duration archiveTimeout,
        Duration startTimeout,
        long bytesPerSecond,
        long saveBytes,
        Map<String, String> annotation) {
    private static final long MIB = 1 << 20;

    /** zstd, bundles, blocks, one worker. */
    public static final BackupOptions DEFAULT =
            new BackupOptions(
                    Compression.of(CompressType.ZST),
                    true,
                    true,
                    2 * MIB,
                    20 * MIB,
                    1,
                    true,
                    true,
                    false,
                    true,
                    true,
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(60),
                    0,
                    1024 * MIB,
                    Map.of());

    public BackupOptions {
        if (compression.type() == CompressType.BZ2) {
            throw new IllegalArgumentException("compression of backups must not be bz2");
        }
        if (block && !bundle) {
            throw new IllegalArgumentException("block incremental backup needs bundles");
        }
        if (workers < 1) {
            throw new IllegalArgumentException("workers must be 1 or more, was " + workers);
        }
        if (bytesPerSecond < 0 || bundleLimit < 0 || bundleSize < bundleLimit || saveBytes < 0) {
            throw new IllegalArgumentException(
                    "sizes must not be negative, and bundles not smaller than the files in them");
        }
        annotation = Map.copyOf(annotation);
    }

    public BackupOptions withCompression(Compression newCompression) {
        return new BackupOptions(
                newCompression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withBundles(boolean newBundle, boolean newBlock) {
        return new BackupOptions(
                compression,
                newBundle,
                newBlock,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withWorkers(int count) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                count,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withStartFast(boolean fast) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                fast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withDelta(boolean on) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                on,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withArchiveTimeout(Duration limit) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                limit,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withRate(long newBytesPerSecond) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                newBytesPerSecond,
                saveBytes,
                annotation);
    }

    public BackupOptions withSaveBytes(long bytes) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                bytes,
                annotation);
    }

    public BackupOptions withAnnotation(Map<String, String> newAnnotation) {
        return new BackupOptions(
                compression,
                bundle,
                block,
                bundleLimit,
                bundleSize,
                workers,
                startFast,
                checksumPages,
                delta,
                resume,
                archiveCheck,
                archiveTimeout,
                startTimeout,
                bytesPerSecond,
                saveBytes,
                newAnnotation);
    }
}
