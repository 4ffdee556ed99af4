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

    /** The same, to be changed. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Changes what it is asked to; everything else is as in the options that it began with. */
    public static final class Builder {
        private final BackupOptions from;
        private Compression compression;
        private boolean bundle;
        private boolean block;
        private long bundleLimit;
        private long bundleSize;
        private int workers;
        private boolean startFast;
        private boolean delta;
        private Duration archiveTimeout;
        private long bytesPerSecond;
        private long saveBytes;
        private Map<String, String> annotation;

        private Builder(BackupOptions from) {
            this.from = from;
            this.compression = from.compression;
            this.bundle = from.bundle;
            this.block = from.block;
            this.bundleLimit = from.bundleLimit;
            this.bundleSize = from.bundleSize;
            this.workers = from.workers;
            this.startFast = from.startFast;
            this.delta = from.delta;
            this.archiveTimeout = from.archiveTimeout;
            this.bytesPerSecond = from.bytesPerSecond;
            this.saveBytes = from.saveBytes;
            this.annotation = from.annotation;
        }

        public Builder compression(Compression value) {
            compression = value;
            return this;
        }

        public Builder bundles(boolean newBundle, boolean newBlock) {
            bundle = newBundle;
            block = newBlock;
            return this;
        }

        public Builder bundleSizes(long limit, long size) {
            bundleLimit = limit;
            bundleSize = size;
            return this;
        }

        public Builder workers(int count) {
            workers = count;
            return this;
        }

        public Builder startFast(boolean fast) {
            startFast = fast;
            return this;
        }

        public Builder delta(boolean on) {
            delta = on;
            return this;
        }

        public Builder archiveTimeout(Duration limit) {
            archiveTimeout = limit;
            return this;
        }

        public Builder rate(long newBytesPerSecond) {
            bytesPerSecond = newBytesPerSecond;
            return this;
        }

        public Builder saveBytes(long bytes) {
            saveBytes = bytes;
            return this;
        }

        public Builder annotation(Map<String, String> keysAndValues) {
            annotation = keysAndValues;
            return this;
        }

        /**
         * @throws IllegalArgumentException when the options do not fit together
         */
        public BackupOptions build() {
            return new BackupOptions(
                    compression,
                    bundle,
                    block,
                    bundleLimit,
                    bundleSize,
                    workers,
                    startFast,
                    from.checksumPages,
                    delta,
                    from.resume,
                    from.archiveCheck,
                    archiveTimeout,
                    from.startTimeout,
                    bytesPerSecond,
                    saveBytes,
                    annotation);
        }
    }
}
