package io.pgnode.backup.schedule.core;

import io.pgnode.backup.core.BackupType;
import java.time.Instant;

/** What the schedule wants now, and why. */
public sealed interface ScheduleAction {
    String why();

    /**
     * A backup.
     *
     * @param slot what it is for: no other backup of this type may be for the same
     * @param attempt from 1
     * @param due since when it could have run
     */
    record Run(BackupType type, Instant slot, int attempt, Instant due, String why)
            implements ScheduleAction {}

    /**
     * Nothing.
     *
     * @param until when something may be due, {@link Instant#MAX} for never
     */
    record Wait(Instant until, String why) implements ScheduleAction {}
}
