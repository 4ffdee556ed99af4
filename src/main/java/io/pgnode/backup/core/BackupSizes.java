package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * How large a backup is, in bytes.
 *
 * @param size of all files as they are in the cluster
 * @param sizeDelta of the files that this backup copied
 * @param repoSize of all files as they are stored, in this backup and those it refers to; null in
 *     old files
 * @param repoSizeDelta of what this backup stored
 * @param repoSizeMap of block maps within repoSize; null without block-incremental
 * @param repoSizeMapDelta of block maps that this backup stored; null without block-incremental
 */
public record BackupSizes(
        long size,
        long sizeDelta,
        @Nullable Long repoSize,
        long repoSizeDelta,
        @Nullable Long repoSizeMap,
        @Nullable Long repoSizeMapDelta) {}
