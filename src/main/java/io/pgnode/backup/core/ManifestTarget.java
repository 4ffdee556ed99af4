package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * Where a part of a backup is on the host.
 *
 * @param name {@code pg_data}, {@code pg_data/postgresql.conf} for a link, {@code pg_tblspc/16384}
 * @param path a directory, as the link has it
 * @param file the name of what is linked in that directory, when it is not a directory
 * @param tablespaceId 0 for none
 * @param tablespaceName null for none
 */
public record ManifestTarget(
        String name,
        Type type,
        String path,
        @Nullable String file,
        long tablespaceId,
        @Nullable String tablespaceName) {
    /** The data directory is the only one that is not a link. */
    public enum Type {
        PATH,
        LINK
    }
}
