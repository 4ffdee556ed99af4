package io.pgnode.backup.schedule.core;

import io.pgnode.backup.core.BackupType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which backup is due. Each type is asked for its last slot:
 *
 * <ul>
 *   <li>It is done when it was run for, or when a backup of the same or a larger type started
 *       since. So many missed slots are made up for by one backup, and a full one at the same time
 *       stands for the smaller.
 *   <li>A failed one is tried again after 5, 15, then 45 minutes; what was cut off, at once.
 *   <li>It is given up for its age, for the window's end, or after the last retry.
 * </ul>
 *
 * <p>Of several the largest runs; smaller ones wait while it is still tried.
 */
public final class SchedulePlan {
    /** Waits after the first failure, the second, and the others. */
    private static final List<Duration> PAUSES =
            List.of(Duration.ofMinutes(5), Duration.ofMinutes(15), Duration.ofMinutes(45));

    /** A start within this time after it was due is no catching up. */
    private static final Duration PUNCTUAL = Duration.ofMinutes(5);

    private final SchedulePolicy policy;
    private final JobStates states;
    private final Instant now;

    private SchedulePlan(SchedulePolicy policy, JobStates states, Instant now) {
        this.policy = policy;
        this.states = states;
        this.now = now;
    }

    /**
     * @param hasFull whether the repository has a full backup
     * @param wanted a full backup that was asked for; null for none
     */
    public static ScheduleAction next(
            SchedulePolicy policy,
            JobStates states,
            boolean hasFull,
            @Nullable WantedBackup wanted,
            Instant now) {
        return new SchedulePlan(policy, states, now).next(hasFull, wanted);
    }

    private ScheduleAction next(boolean hasFull, @Nullable WantedBackup wanted) {
        if (!policy.enabled()) {
            return new ScheduleAction.Wait(Instant.MAX, "the schedule is off");
        }
        if (wanted != null && !isServed(states, wanted)) {
            return full(wanted.since(), "full backup after " + wanted.why());
        }
        if (policy.firstFull() && !hasFull) {
            return full(states.since(), "first full backup, the repository has none");
        }
        ScheduleAction.Wait earliest = null;
        for (BackupType type : List.of(BackupType.FULL, BackupType.DIFF, BackupType.INCR)) {
            CronSchedule lines = policy.lines().get(type);
            if (lines == null) {
                continue;
            }
            Verdict verdict = judge(type, lines);
            switch (verdict) {
                case Verdict.Due due -> {
                    return due.run();
                }
                case Verdict.Later later -> {
                    // Smaller ones wait for a larger one that will be tried again.
                    ScheduleAction.Wait wait = new ScheduleAction.Wait(later.at(), later.why());
                    return earliest == null || later.at().isBefore(earliest.until())
                            ? wait
                            : earliest;
                }
                case Verdict.Settled settled -> {
                    Optional<Instant> slot = lines.next(settled.after(), policy.zone());
                    if (slot.isPresent()
                            && (earliest == null
                                    || policy.due(slot.get()).isBefore(earliest.until()))) {
                        earliest =
                                new ScheduleAction.Wait(
                                        policy.due(slot.get()),
                                        "next is "
                                                + type.text()
                                                + " for the slot of "
                                                + slot.get());
                    }
                }
            }
        }
        return earliest == null
                ? new ScheduleAction.Wait(Instant.MAX, "no backup is scheduled")
                : earliest;
    }

    /** What becomes of a type's last slot. */
    private sealed interface Verdict {
        record Due(ScheduleAction.Run run) implements Verdict {}

        record Later(Instant at, String why) implements Verdict {}

        /**
         * @param after the next slot is the first after this
         */
        record Settled(Instant after) implements Verdict {}
    }

    /** Nothing is protected before there is one, so it is tried for ever. */
    private ScheduleAction full(Instant since, String why) {
        JobState state = states.of(BackupType.FULL);
        Instant slot = since;
        // A repository that lost its full backups gets one, too: the slot of the last one counts.
        if (state.slot() != null && state.slot().isAfter(slot)) {
            slot = state.slot();
        }
        if (state.slot() == null || !slot.equals(state.slot()) || hasEnded(state)) {
            return new ScheduleAction.Run(BackupType.FULL, slot, 1, slot, why);
        }
        int attempt = state.attempts() + 1;
        Instant retry = retryAt(state);
        return retry.isAfter(now)
                ? new ScheduleAction.Wait(retry, why + ", try " + attempt)
                : new ScheduleAction.Run(
                        BackupType.FULL, slot, attempt, retry, retryReason(why, state));
    }

    /** Whether a full backup was made for it, or for a slot after it. */
    public static boolean isServed(JobStates states, WantedBackup wanted) {
        JobState full = states.of(BackupType.FULL);
        return full.result() == JobState.Result.DONE
                && full.slot() != null
                && !full.slot().isBefore(wanted.since());
    }

    private static boolean hasEnded(JobState state) {
        return state.result() == JobState.Result.DONE || state.result() == JobState.Result.NONE;
    }

    private Verdict judge(BackupType type, CronSchedule lines) {
        Instant asOf = now.minus(policy.delay());
        Verdict settled = new Verdict.Settled(asOf);
        Optional<Instant> last = lines.previous(asOf, policy.zone());
        if (last.isEmpty() || !last.get().isAfter(states.since())) {
            return settled;
        }
        Instant slot = last.get();
        JobState state = states.of(type);
        boolean isTried = slot.equals(state.slot());
        if (isCovered(type, slot) || isTried && hasEnded(state)) {
            return settled;
        }
        Instant due = policy.due(slot);
        Duration window = policy.window();
        Instant end = window == null ? Instant.MAX : slot.plus(window);
        if (!isTried) {
            Duration late = Duration.between(due, now);
            boolean isTooOld =
                    late.compareTo(PUNCTUAL) > 0 && late.compareTo(policy.catchUpMaxAge()) > 0;
            if (now.isAfter(end) || isTooOld || isNewerTried(state, slot)) {
                return settled;
            }
            String why =
                    late.compareTo(PUNCTUAL) > 0
                            ? "catching up on the slot of " + slot
                            : "slot of " + slot;
            return new Verdict.Due(new ScheduleAction.Run(type, slot, 1, due, why));
        }
        if (state.attempts() > policy.retries()) {
            return settled;
        }
        Instant at = retryAt(state);
        if (at.isAfter(end) || now.isAfter(end)) {
            return settled;
        }
        String why = retryReason("slot of " + slot, state);
        return at.isAfter(now)
                ? new Verdict.Later(at, why)
                : new Verdict.Due(
                        new ScheduleAction.Run(type, slot, state.attempts() + 1, at, why));
    }

    /** After a change of the lines the last slot may be older than one that was run for. */
    private static boolean isNewerTried(JobState state, Instant slot) {
        return state.slot() != null && state.slot().isAfter(slot);
    }

    /** A backup of this type or a larger one has started since, or was for the same slot. */
    private boolean isCovered(BackupType type, Instant slot) {
        for (Map.Entry<BackupType, JobState> job : states.jobs().entrySet()) {
            if (job.getKey().compareTo(type) <= 0) {
                JobState state = job.getValue();
                Instant success = state.lastSuccess();
                boolean isLarger = job.getKey() != type;
                if (success != null && !success.isBefore(slot)
                        || isLarger && slot.equals(state.slot())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What was cut off goes on at once. */
    private static Instant retryAt(JobState state) {
        Instant finished = state.finished();
        if (state.result() == JobState.Result.RUNNING || finished == null) {
            return started(state.started());
        }
        int failures = Math.max(1, state.attempts());
        return finished.plus(PAUSES.get(Math.min(failures, PAUSES.size()) - 1));
    }

    private static Instant started(@Nullable Instant started) {
        return started == null ? Instant.MIN : started;
    }

    private static String retryReason(String what, JobState state) {
        return state.result() == JobState.Result.RUNNING
                ? what + ", which " + state.member() + " did not finish"
                : what + ", try " + (state.attempts() + 1) + " after: " + state.message();
    }
}
