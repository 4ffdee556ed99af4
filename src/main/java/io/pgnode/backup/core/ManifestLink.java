package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * A symbolic link of a backup.
 *
 * @param name {@code pg_data/pg_tblspc/16384}
 * @param user null when the user has no name
 * @param group null when the group has no name
 */
public record ManifestLink(
        String name, String destination, @Nullable String user, @Nullable String group) {}
