package io.pgnode.ha;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * What a member does next, with the reason an operator can read: one sentence, lower case, no final
 * stop.
 */
public sealed interface HaDecision {
    String why();

    /** Nothing to do. */
    record Wait(String why) implements HaDecision {}

    /**
     * Make writing impossible at once: kill PostgreSQL, and give up the lease without touching the
     * leader key.
     */
    record Fence(String why) implements HaDecision {}

    /** This member must not run here at all (another cluster's data directory): stop and exit. */
    record Refuse(String why) implements HaDecision {}

    /** Reserve the initialize key and create the cluster. */
    record Bootstrap(String why) implements HaDecision {}

    /** Copy the data directory from {@code source}, then start as its standby. */
    record Clone(MemberName source, String why) implements HaDecision {}

    /**
     * Start as a standby of nobody (null) or of {@code upstream}, without looking for divergence.
     */
    record StartStandby(@Nullable MemberName upstream, String why) implements HaDecision {}

    /** Start as the primary it was: only with our own valid lease. */
    record StartPrimary(long epoch, String why) implements HaDecision {}

    /**
     * Make the data directory fit {@code leader}'s history (rewind, else clone), then start as its
     * standby.
     */
    record Rejoin(MemberName leader, String why) implements HaDecision {}

    /** Let the running standby stream from {@code upstream}. */
    record Follow(@Nullable MemberName upstream, String why) implements HaDecision {}

    /** Ask all other members what they are and how much WAL they have. */
    record PollPeers(String why) implements HaDecision {}

    /** Try to take the leader key. */
    record AcquireLeader(String why) implements HaDecision {}

    /**
     * The leader key is ours, but we do not renew its lease (the agent restarted): take the lease
     * up again.
     */
    record AdoptLease(long leaseId, long epoch, String why) implements HaDecision {}

    /** Promote the standby: only with our own valid lease. */
    record Promote(long epoch, String why) implements HaDecision {}

    /** Go on as primary: maintain slots, synchronous standbys, history, status. */
    record Lead(String why) implements HaDecision {}

    /** Shut down cleanly and hand the leadership to {@code candidate}, or to anybody (null). */
    record StepDown(@Nullable MemberName candidate, String why) implements HaDecision {}

    /**
     * PostgreSQL does not run (or is only a standby): delete our leader key so that somebody else
     * can take it.
     */
    record Release(String why) implements HaDecision {}

    /** Delete a switchover request that cannot be carried out. */
    record ClearSwitchover(String why) implements HaDecision {}

    /** The DCS is away and the lease runs out: ask every member whether we may go on. */
    record CheckFailsafe(String why) implements HaDecision {}

    /**
     * Overwrite the data directory from the backup repository, recover to the target and promote:
     * only with our own valid lease.
     */
    record RestoreCluster(long epoch, String why) implements HaDecision {}

    /** Write how far the recovery of the cluster is; null ends it. */
    record ChangeRecovery(@Nullable ClusterRecovery next, String why) implements HaDecision {}

    /** The data directory is marked as unfinished, but what was done to it has come to its end. */
    record AcceptData(String why) implements HaDecision {}

    /** The cluster goes on without what is in the data directory: it is to be copied anew. */
    record GiveUpData(String why) implements HaDecision {}

    /** The agent is stopping: stop the standby too. */
    record StopInstance(String why) implements HaDecision {}
}
