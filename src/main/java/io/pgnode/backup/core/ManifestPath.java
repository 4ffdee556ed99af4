package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * A directory of a backup.
 *
 * @param name {@code pg_data/base/1}
 * @param user null when the user has no name
 * @param group null when the group has no name
 * @param mode permission bits
 */
public record ManifestPath(String name, @Nullable String user, @Nullable String group, int mode) {}
