package io.pgnode.backup.schedule.core;

import io.pgnode.backup.core.BackupType;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * All that the schedule remembers.
 *
 * @param since slots before are nobody's: the schedule did not exist yet
 */
public record JobStates(Instant since, Map<BackupType, JobState> jobs) {
    public JobStates {
        EnumMap<BackupType, JobState> sorted = new EnumMap<>(BackupType.class);
        sorted.putAll(jobs);
        jobs = Collections.unmodifiableMap(sorted);
    }

    public JobState of(BackupType type) {
        return jobs.getOrDefault(type, JobState.NONE);
    }

    public JobStates with(BackupType type, JobState state) {
        EnumMap<BackupType, JobState> changed = new EnumMap<>(BackupType.class);
        changed.putAll(jobs);
        changed.put(type, state);
        return new JobStates(since, changed);
    }
}
