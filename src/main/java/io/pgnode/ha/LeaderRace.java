package io.pgnode.ha;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who runs for leader when the leader key is gone, decided by each running standby for itself.
 *
 * <p>Losing is cheap (the DCS lets only one win), so the race is about data: a member that misses
 * WAL that another eligible member has must not win. The newer timeline wins over the larger
 * position, because a diverged former primary may be ahead on an old timeline.
 */
final class LeaderRace {
    /** How long a member that was handed the leadership may take before everybody may run. */
    static final Duration HANDOFF_GRACE = Duration.ofSeconds(2);

    /**
     * How long a better candidate may take; then the next one runs, if what it misses is within the
     * allowed lag.
     */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Head start of the first among equals. */
    static final Duration RANK_DELAY = Duration.ofMillis(50);

    /** After a cycle, how long a member needs to put its key into the DCS. */
    static final Duration REGISTRATION = Duration.ofSeconds(1);

    /** Answers older than this are asked for again. */
    static final Duration POLL_VALID = Duration.ofMillis(500);

    private static final String PROMISED = "promised to a leader without a DCS to let it go on";

    private static final String OUTSIDER =
            "not among the members of the failsafe key, whom a leader without a DCS asks";

    private LeaderRace() {}

    /** For a running standby that sees no leader. */
    static HaDecision next(ClusterView view, LocalState local, long now) {
        HaDecision chosen = chosenByOperator(view, local, now);
        if (chosen != null) {
            return chosen;
        }
        String obstacle = obstacle(view, local, now);
        if (obstacle != null) {
            return new HaDecision.Wait("no leader, not running: " + obstacle);
        }
        PeerPoll poll = local.memory().peers();
        if (view.members().size() <= 1
                && view.members().keySet().stream().allMatch(local.self()::equals)) {
            // After an outage of the DCS all member keys are gone, and come back one by one.
            return now - local.memory().leaderAbsentSinceNanos()
                            < view.settings().loopWait().plus(REGISTRATION).toNanos()
                    ? new HaDecision.Wait("no leader, waiting for other members to show up")
                    : new HaDecision.AcquireLeader("no leader and no other member");
        }
        if (poll == null || !isFresh(poll, local, now)) {
            return new HaDecision.PollPeers("no leader: asking the other members");
        }
        return compare(view, local, poll, now);
    }

    /** A handoff, or a manual failover's named candidate; null when the race is open. */
    static @Nullable HaDecision chosenByOperator(ClusterView view, LocalState local, long now) {
        long absentNanos = now - local.memory().leaderAbsentSinceNanos();
        Handoff handoff = view.handoff();
        if (handoff != null && handoff.epoch() == view.epoch() && handoff.to() != null) {
            if (handoff.to().equals(local.self())) {
                if (local.instance().position().compareTo(handoff.shutdownLsn()) >= 0) {
                    return new HaDecision.AcquireLeader(
                            "the leadership was handed to us by " + handoff.from());
                }
                if (absentNanos < HANDOFF_GRACE.toNanos()) {
                    return new HaDecision.Wait(
                            "handed the leadership, receiving up to " + handoff.shutdownLsn());
                }
            } else if (absentNanos < HANDOFF_GRACE.toNanos()) {
                return new HaDecision.Wait("the leadership was handed to " + handoff.to());
            }
        }
        SwitchoverRequest request = view.switchover();
        if (request != null
                && request.isFailover()
                && request.candidate() != null
                && request.scheduledAt() == null) {
            if (request.candidate().equals(local.self())) {
                return takeOverByHand(view, local, now);
            }
            if (absentNanos < PATIENCE.toNanos()
                    && view.members().containsKey(request.candidate())) {
                return new HaDecision.Wait("manual failover to " + request.candidate());
            }
        }
        return null;
    }

    private static HaDecision takeOverByHand(ClusterView view, LocalState local, long now) {
        if (now - local.memory().promiseUntilNanos() < 0) {
            return new HaDecision.Wait("manual failover to us, but " + PROMISED);
        }
        boolean suspended = view.suspension().isAgainst(local.self());
        if (!suspended && !isOutsider(view, local)) {
            return new HaDecision.AcquireLeader("manual failover to us");
        }
        PeerPoll poll = local.memory().peers();
        if (poll == null || !isFresh(poll, local, now)) {
            return new HaDecision.PollPeers("manual failover to us: asking who accepts writes");
        }
        for (PeerAnswer peer : poll.answers()) {
            if (peer.reachable() && peer.isPrimary()) {
                return new HaDecision.Wait(
                        "manual failover to us, but " + peer.name() + " still accepts writes");
            }
        }
        return new HaDecision.AcquireLeader(
                "manual failover to us, the operator answers for this: "
                        + (suspended ? suspended(view) : OUTSIDER));
    }

    /**
     * Whether a leader without a DCS would not ask us before it goes on. It does not know when
     * failsafe mode was switched off meanwhile, so what counts is the key that it has left.
     */
    private static boolean isOutsider(ClusterView view, LocalState local) {
        return !view.failsafe().isEmpty() && !view.failsafe().containsKey(local.self());
    }

    /** Why nobody else may lead, for a suspension that is against us. */
    static String suspended(ClusterView view) {
        MemberName member = view.suspension().member();
        return (member == null ? "somebody" : member.value())
                + " led when the cluster was paused and may accept writes without a lease: its agent"
                + " must come back first, or `pgnode failover` to a named member says that it does"
                + " not";
    }

    private static boolean isFresh(PeerPoll poll, LocalState local, long now) {
        return poll.askedNanos() - local.memory().leaderAbsentSinceNanos() >= 0
                && now - poll.askedNanos() <= POLL_VALID.toNanos();
    }

    /** In nanoseconds: then something is wrong with all who have more, and it is a failover. */
    private static long patienceBehindHandoff(ClusterView view) {
        return Math.max(PATIENCE.toNanos(), view.settings().ttl().toNanos());
    }

    /** Why this member may not run at all; null when it may. */
    private static @Nullable String obstacle(ClusterView view, LocalState local, long now) {
        HaMemory memory = local.memory();
        if (now - memory.promiseUntilNanos() < 0) {
            return PROMISED;
        }
        if (view.suspension().isAgainst(local.self())) {
            return suspended(view);
        }
        if (now - memory.raceAfterNanos() < 0) {
            return "holding off after a failed attempt";
        }
        if (local.tags().noFailover()) {
            return "tagged nofailover";
        }
        if (local.watchdogFailed()) {
            return "the required watchdog cannot be armed";
        }
        if (!local.instance().answers()) {
            return "the instance does not answer";
        }
        if (HaPolicy.crashesForWantOfSpace(local)) {
            return "it crashed for want of space, " + local.instance().space();
        }
        DynamicConfig settings = view.settings();
        if (isOutsider(view, local)) {
            return OUTSIDER;
        }
        if (mustBeSync(view) && !view.sync().includes(local.self())) {
            return "not a synchronous standby of " + view.sync().leader();
        }
        int newest = view.history().currentTimeline();
        if (local.instance().timeline() < newest
                && (settings.checkTimeline() || !isPrefix(view.history(), local.instance()))) {
            return "on timeline " + local.instance().timeline() + ", the cluster is on " + newest;
        }
        if (RejoinPlan.branchedOff(local.self(), local.instance(), view.history())) {
            return "on timeline "
                    + local.instance().timeline()
                    + " of its own, the cluster went on with another member's";
        }
        Handoff handoff = view.handoff();
        if (handoff != null
                && handoff.epoch() == view.epoch()
                && local.instance().position().compareTo(handoff.shutdownLsn()) < 0
                && now - memory.leaderAbsentSinceNanos() < patienceBehindHandoff(view)) {
            // A planned change loses nothing: the heir, or who handed over, has everything.
            return "misses WAL up to the handover at " + handoff.shutdownLsn();
        }
        long missing = view.status().optime().bytesAhead(local.instance().position());
        if (!mustBeSync(view) && missing > settings.maximumLagOnFailover()) {
            return "misses "
                    + missing
                    + " bytes of the leader's last known position, more than maximum_lag_on_failover";
        }
        return null;
    }

    private static HaDecision compare(ClusterView view, LocalState local, PeerPoll poll, long now) {
        Lsn mine = local.instance().position();
        int myPriority = local.tags().failoverPriority();
        boolean patient = now - local.memory().leaderAbsentSinceNanos() < PATIENCE.toNanos();
        int equalsBefore = 0;
        for (PeerAnswer peer : poll.answers()) {
            if (!peer.reachable()) {
                continue;
            }
            if (peer.isPrimary()) {
                if (peer.leaseValid() || patient) {
                    return new HaDecision.Wait(
                            "no leader, but " + peer.name() + " is still a primary");
                }
                continue;
            }
            if (!isCompetitor(peer, view)) {
                continue;
            }
            int order = compareHistory(peer, local.instance().timeline(), mine);
            if (order > 0) {
                boolean tolerable =
                        peer.timeline() == local.instance().timeline()
                                && peer.position().bytesAhead(mine)
                                        <= view.settings().maximumLagOnFailover();
                if (patient || !tolerable) {
                    return new HaDecision.Wait(
                            "no leader, " + peer.name() + " has more WAL: " + peer.position());
                }
            } else if (order == 0) {
                if (peer.failoverPriority() > myPriority && patient) {
                    return new HaDecision.Wait(
                            "no leader, " + peer.name() + " has a higher failover_priority");
                }
                if (peer.failoverPriority() == myPriority
                        && peer.name().compareTo(local.self()) < 0) {
                    equalsBefore++;
                }
            }
        }
        if (now - poll.askedNanos() < equalsBefore * RANK_DELAY.toNanos()) {
            return new HaDecision.Wait(
                    "no leader, letting " + equalsBefore + " equal members go first");
        }
        return new HaDecision.AcquireLeader("no leader, nobody eligible has more WAL than " + mine);
    }

    private static boolean isCompetitor(PeerAnswer peer, ClusterView view) {
        return peer.inRecovery()
                && !peer.noFailover()
                && !peer.watchdogFailed()
                && (!mustBeSync(view) || view.sync().includes(peer.name()));
    }

    /** Positive when the peer's history is ahead. An unknown timeline (zero) is taken for equal. */
    private static int compareHistory(PeerAnswer peer, int myTimeline, Lsn mine) {
        int byTimeline =
                peer.timeline() == 0 || myTimeline == 0
                        ? 0
                        : Integer.compare(peer.timeline(), myTimeline);
        return byTimeline != 0 ? byTimeline : peer.position().compareTo(mine);
    }

    private static boolean mustBeSync(ClusterView view) {
        return view.settings().synchronousMode() != SyncMode.OFF && view.sync().leader() != null;
    }

    /**
     * Whether what this standby has of an older timeline is a beginning of the cluster's history:
     * it received nothing after the next timeline branched off. Then it only misses WAL, which the
     * allowed lag bounds.
     */
    private static boolean isPrefix(TimelineHistory history, InstanceView instance) {
        return history.entries().stream()
                .anyMatch(
                        entry ->
                                entry.timeline() == instance.timeline()
                                        && instance.position().compareTo(entry.switchLsn()) <= 0);
    }
}
