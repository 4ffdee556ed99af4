package io.pgnode.dcs.embedded;

import org.jspecify.annotations.Nullable;

/**
 * One key put or deleted.
 *
 * @param entry the key after it; {@link KvEntry#isDeleted} for a deletion
 * @param previous the key before it; null when it did not exist
 */
public record KvChange(KvEntry entry, @Nullable KvEntry previous) {}
