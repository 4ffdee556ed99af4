package io.pgnode.ha;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.MemberName;

/**
 * How an instance comes back as a standby: check, rewind, else copy. Terminates: each step either
 * ends the plan or uses up an attempt.
 *
 * @param settings what may be done
 * @param checks divergence checks that could not be answered so far
 * @param rewinds rewinds that failed so far
 * @param fruitless earlier plans whose rewind succeeded without making the history fit
 * @param rewound a rewind has just succeeded
 */
public record RejoinPlan(
        Settings settings, int checks, int rewinds, int fruitless, boolean rewound) {
    static final int MAX_CHECKS = 3;
    static final int MAX_REWINDS = 2;
    static final int MAX_FRUITLESS = 8;

    /**
     * @param mayRewind pg_rewind is allowed and its prerequisites hold
     * @param mayCloneAfterRewind a data directory that could not be rewound may be renamed aside
     *     and copied anew
     * @param mayCloneDiverged a diverged data directory that may not be rewound may be renamed
     *     aside and copied anew
     */
    public record Settings(
            boolean mayRewind, boolean mayCloneAfterRewind, boolean mayCloneDiverged) {}

    /** What happened last. */
    public enum Outcome {
        BEGIN,
        /** The history fits the leader's. */
        NOT_DIVERGED,
        DIVERGED,
        /** The leader could not be asked. */
        UNKNOWN,
        REWOUND,
        REWIND_FAILED
    }

    /** What to do next. */
    public sealed interface Step {
        record CheckDivergence() implements Step {}

        record Rewind() implements Step {}

        /** Rename the data directory aside, copy from the leader, start. Ends the plan. */
        record CloneAnew() implements Step {}

        /** Start as a standby of the leader. Ends the plan. */
        record Start() implements Step {}

        /** Leave it stopped for now and begin again later. Ends the plan. */
        record TryLater(String why) implements Step {}

        /** Leave it stopped: only an operator can go on. Ends the plan. */
        record GiveUp(String why) implements Step {}
    }

    /** A step with the plan to ask after it. */
    public record Next(Step step, RejoinPlan then) {}

    public static RejoinPlan begin(Settings settings, int fruitless) {
        return new RejoinPlan(settings, 0, 0, fruitless, false);
    }

    /**
     * Whether we started a timeline that somebody else started too and the cluster went on with:
     * two histories of one number, which neither PostgreSQL nor pg_rewind can tell apart.
     */
    public static boolean branchedOff(
            MemberName self, InstanceView instance, TimelineHistory history) {
        return instance.beganItsTimeline()
                && history.entries().stream()
                        .anyMatch(
                                entry ->
                                        entry.timeline() + 1 == instance.timeline()
                                                && !entry.newLeader().isEmpty()
                                                && !entry.newLeader().equals(self.value()));
    }

    public Next next(Outcome outcome) {
        return switch (outcome) {
            case BEGIN -> new Next(new Step.CheckDivergence(), this);
            case NOT_DIVERGED -> new Next(new Step.Start(), this);
            case REWOUND ->
                    new Next(
                            new Step.CheckDivergence(),
                            new RejoinPlan(settings, checks, rewinds, fruitless, true));
            case UNKNOWN ->
                    checks + 1 < MAX_CHECKS
                            ? new Next(
                                    new Step.CheckDivergence(),
                                    new RejoinPlan(
                                            settings, checks + 1, rewinds, fruitless, rewound))
                            : new Next(
                                    new Step.TryLater(
                                            "the leader's timeline history cannot be read"),
                                    this);
            case DIVERGED -> new Next(onDiverged(), this);
            case REWIND_FAILED -> {
                RejoinPlan then = new RejoinPlan(settings, checks, rewinds + 1, fruitless, false);
                yield new Next(then.afterFailedRewind(), then);
            }
        };
    }

    private Step onDiverged() {
        if (rewound) {
            return onFruitlessRewind();
        }
        if (settings.mayRewind()) {
            return new Step.Rewind();
        }
        return settings.mayCloneDiverged()
                ? new Step.CloneAnew()
                : new Step.GiveUp(
                        "the data directory diverged from the leader's history and may not be rewound or replaced;"
                                + " HINT: run \"pgnode reinit\", or set remove_data_directory_on_diverged_timelines");
    }

    /**
     * pg_rewind believes the leader's control file: before the first checkpoint of a new timeline
     * it finds nothing to do, and never when two servers began the same timeline at the same
     * position.
     */
    private Step onFruitlessRewind() {
        if (fruitless + 1 < MAX_FRUITLESS) {
            return new Step.TryLater("pg_rewind found nothing to do");
        }
        return settings.mayCloneAfterRewind()
                ? new Step.CloneAnew()
                : new Step.GiveUp(
                        "the history differs from the leader's, and pg_rewind finds nothing to do;"
                                + " HINT: run \"pgnode reinit\", or set remove_data_directory_on_rewind_failure");
    }

    private Step afterFailedRewind() {
        if (settings.mayCloneAfterRewind()) {
            return new Step.CloneAnew();
        }
        return rewinds < MAX_REWINDS
                ? new Step.Rewind()
                : new Step.GiveUp(
                        "pg_rewind failed and the data directory may not be replaced;"
                                + " HINT: run \"pgnode reinit\", or set remove_data_directory_on_rewind_failure");
    }
}
