package io.pgnode.backup.schedule;

import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.backup.schedule.core.WantedBackup;
import org.jspecify.annotations.Nullable;

/**
 * The keys of backups at one revision.
 *
 * @param states null before the first member with a schedule has come
 * @param statesRevision of their key; zero when there is none
 * @param holder null when no backup runs
 * @param epoch of the last run; zero before the first
 * @param epochRevision of its key; zero when there is none
 * @param byHand the last ones that operators asked for, whose slots are null; null when there were
 *     none
 * @param wanted a full backup that was asked for; null for none
 * @param wantedRevision of its key; zero when there is none
 */
public record ScheduleSnapshot(
        @Nullable JobStates states,
        long statesRevision,
        @Nullable LeaseHolder holder,
        long epoch,
        long epochRevision,
        @Nullable JobStates byHand,
        @Nullable WantedBackup wanted,
        long wantedRevision) {}
