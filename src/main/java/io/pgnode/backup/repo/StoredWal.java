package io.pgnode.backup.repo;

import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import org.jspecify.annotations.Nullable;

/**
 * A WAL file of an archive.
 *
 * @param path in the storage
 * @param checksum of the content, from the name; null for history files, whose names have none
 * @param size bytes as stored
 */
public record StoredWal(
        WalFile file,
        String path,
        @Nullable Checksum checksum,
        CompressType compression,
        long size) {}
