package io.pgnode.ha;

import org.jspecify.annotations.Nullable;

/**
 * What a member remembers between two decisions. All times are on its boot-time clock; zero means
 * never.
 *
 * @param leaderAbsentSinceNanos since when no view has had a leader, counted anew after an outage
 *     of the DCS; zero while there is one
 * @param peers the last poll of the other members; null before the first
 * @param raceAfterNanos do not run for leader before this moment
 * @param workAfterNanos do not start, copy or check the instance again before this moment
 * @param fencedEpoch the epoch in which this member fenced itself or gave the leadership up last;
 *     its lease is never taken up again
 * @param crashes how often the primary crashed in a short time
 * @param startedNanos when the postmaster was last started by us
 * @param notStreamingSinceNanos since when a running standby with an upstream does not stream; zero
 *     while it does
 * @param promiseUntilNanos promised to a leader without a DCS not to run for leader before this
 *     moment; also by an agent before this one
 * @param failsafeActive this primary's lease deadline comes from the agreement of all members
 * @param paused the last view said that the cluster is paused
 * @param stuck why this instance cannot be brought back without an operator; empty when it can
 * @param adoptUntilNanos a primary found running when the agent started may go on without a lease
 *     known to us until this moment: the guard holds the deadline of the last one
 * @param mayBootstrap this member may create the cluster
 * @param stopping the agent is about to exit
 * @param rebuiltFor the recovery of the cluster for which the data was copied anew: it may still
 *     replay what comes before; empty for none
 */
public record HaMemory(
        long leaderAbsentSinceNanos,
        @Nullable PeerPoll peers,
        long raceAfterNanos,
        long workAfterNanos,
        long fencedEpoch,
        int crashes,
        long startedNanos,
        long notStreamingSinceNanos,
        long promiseUntilNanos,
        boolean failsafeActive,
        boolean paused,
        String stuck,
        long adoptUntilNanos,
        boolean mayBootstrap,
        boolean stopping,
        String rebuiltFor) {
    public static final HaMemory NONE =
            new HaMemory(0, null, 0, 0, 0, 0, 0, 0, 0, false, false, "", 0, true, false, "");
}
