package io.pgnode.backup.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to expire.
 *
 * @param set this backup and those that depend on it, whatever the retention says; null for what
 *     the retention says
 * @param oldest the oldest full backup and those that depend on it; not together with {@code set}
 * @param now by the clock
 */
public record ExpireRequest(@Nullable BackupLabel set, boolean oldest, Instant now) {
    public ExpireRequest {
        if (set != null && oldest) {
            throw new IllegalArgumentException(
                    "one backup and the oldest one cannot be asked for together");
        }
    }

    /** What the retention says. */
    public static ExpireRequest byRetention(Instant now) {
        return new ExpireRequest(null, false, now);
    }

    public static ExpireRequest of(BackupLabel set, Instant now) {
        return new ExpireRequest(set, false, now);
    }

    public static ExpireRequest ofOldest(Instant now) {
        return new ExpireRequest(null, true, now);
    }

    /** Whether it is about certain backups. */
    public boolean isByHand() {
        return set != null || oldest;
    }
}
