package io.pgnode.backup.schedule.core;

import io.pgnode.backup.core.BackupType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wants of the schedule.
 *
 * @param cluster its name decides the delay after a slot
 * @param lines types without a schedule are absent
 * @param jitter longest delay after a slot
 * @param window how long after its slot a backup may start; null for any time
 * @param maxRunTime after which a backup is stopped
 * @param retries after a failure
 * @param catchUpMaxAge how old a missed slot may be
 * @param firstFull whether an empty repository gets a full backup at once
 */
public record SchedulePolicy(
        String cluster,
        boolean enabled,
        ZoneId zone,
        Map<BackupType, CronSchedule> lines,
        Duration jitter,
        @Nullable Duration window,
        Duration maxRunTime,
        int retries,
        Duration catchUpMaxAge,
        Placement.Preference place,
        boolean firstFull) {
    public SchedulePolicy {
        EnumMap<BackupType, CronSchedule> sorted = new EnumMap<>(BackupType.class);
        sorted.putAll(lines);
        lines = Collections.unmodifiableMap(sorted);
    }

    /** The delay of this cluster after each slot, in whole seconds. */
    public Duration delay() {
        long seconds = jitter.toSeconds();
        if (seconds == 0) {
            return Duration.ZERO;
        }
        // FNV-1a, since String.hashCode differs little between pg-test-1 and pg-test-2.
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < cluster.length(); i++) {
            hash = (hash ^ cluster.charAt(i)) * 0x100000001b3L;
        }
        return Duration.ofSeconds(Long.remainderUnsigned(hash ^ hash >>> 32, seconds + 1));
    }

    /** When the backup of a slot is due. */
    Instant due(Instant slot) {
        return slot.plus(delay());
    }
}
