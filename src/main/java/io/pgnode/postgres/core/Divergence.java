package io.pgnode.postgres.core;

import io.pgnode.model.Lsn;

/** Whether this instance holds WAL that its leader's history does not contain. */
public sealed interface Divergence {
    /** It may follow the leader as it is. */
    record None() implements Divergence {}

    /**
     * It must be rewound or cloned first.
     *
     * @param at where the histories part; {@link Lsn#NONE} when the leader never had our timeline
     */
    record Needed(Lsn at, String why) implements Divergence {}

    /** The leader could not be asked, or has no readable history. */
    record Unknown(String why) implements Divergence {}

    /**
     * Where the local instance stands.
     *
     * @param timeline its timeline
     * @param position standby: replayed, or the minimum recovery end when stopped; former primary:
     *     the latest checkpoint
     * @param checkpointEnd former primary: the position after that checkpoint
     * @param isStandby it last ran in recovery
     * @param isClean it is stopped after an orderly shutdown
     */
    record Local(
            int timeline, Lsn position, Lsn checkpointEnd, boolean isStandby, boolean isClean) {
        /** From a stopped instance's pg_control. */
        public static Local of(ControlData control) {
            boolean standby = control.wasInRecovery();
            Lsn position =
                    standby
                            ? Lsn.max(control.minRecovery(), control.checkpoint())
                            : control.checkpoint();
            int timeline =
                    standby
                            ? Math.max(control.timeline(), control.minRecoveryTimeline())
                            : control.timeline();
            return new Local(
                    timeline,
                    position,
                    control.checkpointEnd(),
                    standby,
                    control.isCleanlyShutDown());
        }

        /** From a running standby. */
        public static Local replaying(int timeline, Lsn replayed) {
            return new Local(timeline, replayed, replayed, true, false);
        }
    }

    /**
     * Compares with the leader.
     *
     * <p>On the leader's own timeline nothing diverged, unless we began one of that number
     * ourselves. A former primary that crashed may hold records behind its last checkpoint that
     * nobody can see without reading its WAL, so it is told to rewind, and pg_rewind finds out
     * whether there is something to do.
     *
     * @param history the history of the leader's timeline
     * @param own the history of ours; empty when it is not known
     */
    static Divergence between(
            Local local, int leaderTimeline, HistoryFile history, HistoryFile own) {
        if (local.timeline() <= leaderTimeline) {
            for (HistoryFile.Line ours : own.lines()) {
                for (HistoryFile.Line leaders : history.lines()) {
                    if (ours.timeline() == leaders.timeline()
                            && !ours.switchLsn().equals(leaders.switchLsn())) {
                        return sameNumber(
                                ours.timeline() + 1, ours.switchLsn(), leaders.switchLsn());
                    }
                }
            }
        }
        if (local.timeline() == leaderTimeline) {
            return new None();
        }
        if (local.timeline() > leaderTimeline) {
            return new Needed(
                    Lsn.NONE,
                    "local timeline "
                            + local.timeline()
                            + " is newer than the leader's "
                            + leaderTimeline);
        }
        for (HistoryFile.Line line : history.lines()) {
            if (line.timeline() == local.timeline()) {
                return beforeSwitch(local, line.switchLsn());
            }
        }
        return new Needed(
                Lsn.NONE,
                "local timeline "
                        + local.timeline()
                        + " is not in the history of the leader's timeline "
                        + leaderTimeline);
    }

    /** Two servers may have begun timelines of the same number, at different positions. */
    private static Divergence sameNumber(int timeline, Lsn ours, Lsn leaders) {
        return new Needed(
                leaders.compareTo(ours) < 0 ? leaders : ours,
                "timeline "
                        + timeline
                        + " begins at "
                        + ours
                        + " here and at "
                        + leaders
                        + " in the leader's history");
    }

    private static Divergence beforeSwitch(Local local, Lsn switchLsn) {
        if (local.isStandby()) {
            return local.position().compareTo(switchLsn) > 0
                    ? new Needed(
                            switchLsn,
                            "replayed " + local.position() + ", beyond the switch at " + switchLsn)
                    : new None();
        }
        if (local.position().compareTo(switchLsn) >= 0) {
            return new Needed(
                    switchLsn,
                    "checkpoint at " + local.position() + " is beyond the switch at " + switchLsn);
        }
        if (!local.isClean()) {
            return new Needed(switchLsn, "the former primary was not shut down in an orderly way");
        }
        return local.checkpointEnd().equals(switchLsn)
                ? new None()
                : new Needed(
                        switchLsn,
                        "shutdown checkpoint ends at "
                                + local.checkpointEnd()
                                + ", the switch is at "
                                + switchLsn);
    }
}
