package io.pgnode.ha;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.model.HostPort;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a member does next, as a pure function of what it knows.
 *
 * <p>The invariant it keeps: <em>an instance may accept writes only while its member's own lease is
 * valid,</em> or while a {@link io.pgnode.cluster.Suspension} of a pause keeps everybody else from
 * leading. Everything else is availability. When in doubt it waits, or fences.
 */
public final class HaPolicy {
    /**
     * A primary that crashed this often in a short time gives the leadership to somebody else, if
     * there is anybody.
     */
    static final int MAX_CRASHES = 3;

    /**
     * A server that stopped this often for want of space does not go on by being started again; the
     * first start may help, because it removes temporary files.
     */
    static final int MAX_CRASHES_WITHOUT_SPACE = 2;

    /** A server that crashes again and again is started this long after its last start. */
    static final Duration CRASH_LOOP_PAUSE = Duration.ofSeconds(10);

    /**
     * A standby that has not streamed for so long, and for a whole lease, is checked for a diverged
     * history. A shorter time would keep it busy just when a dead leader's key runs out.
     */
    static final long DIVERGENCE_SUSPICION_NANOS = Duration.ofSeconds(3).toNanos();

    private final ClusterView view;
    private final LocalState local;
    private final InstanceView instance;
    private final DynamicConfig settings;
    private final MemberName self;
    private final long now;
    private final Instant wallClock;

    private HaPolicy(ClusterView view, LocalState local, long now, Instant wallClock) {
        this.view = view;
        this.local = local;
        this.instance = local.instance();
        this.settings = view.settings();
        this.self = local.self();
        this.now = now;
        this.wallClock = wallClock;
    }

    /**
     * Decides.
     *
     * @param view what the DCS says; null when it cannot be read
     * @param nowNanos the member's boot-time clock
     * @param wallClock only to tell whether a scheduled switchover is due
     */
    public static HaDecision decide(
            @Nullable ClusterView view, LocalState local, long nowNanos, Instant wallClock) {
        boolean paused = view == null ? local.memory().paused() : view.isPaused();
        if (local.mayWrite() && !local.lease().isValid(nowNanos) && !paused) {
            if (view != null && view.initialize() == null && view.leader() == null) {
                return takeOverRunningPrimary(local);
            }
            if (view == null && nowNanos - local.memory().adoptUntilNanos() < 0) {
                return new HaDecision.Wait(
                        "found a running primary, asking the DCS whether it is the leader");
            }
            HaDecision afterPause = view == null ? null : afterPause(view, local);
            if (afterPause != null) {
                return afterPause;
            }
            if (view == null || !mayAdopt(view, local)) {
                return new HaDecision.Fence("the instance accepts writes without a valid lease");
            }
        }
        if (view == null) {
            return decideBlind(local, nowNanos);
        }
        return new HaPolicy(view, local, nowNanos, wallClock).decide();
    }

    /** A primary that ran before the cluster was known to the DCS: its data becomes the cluster. */
    private static HaDecision takeOverRunningPrimary(LocalState local) {
        return local.task() == null
                ? new HaDecision.AcquireLeader(
                        "a running primary without a cluster in the DCS: taking it over")
                : new HaDecision.Wait("busy: " + local.task());
    }

    /**
     * The pause ended while this primary had no lease. Nobody else can take the leader key, so it
     * need not be fenced before it has one; null when that is not so.
     */
    private static @Nullable HaDecision afterPause(ClusterView view, LocalState local) {
        boolean isOurs = view.isLeader(local.self());
        if (!view.suspension().names(local.self()) || view.leader() != null && !isOurs) {
            return null;
        }
        if (local.lease().held()) {
            return isOurs
                    ? new HaDecision.Wait("the pause is over, the lease has to be renewed first")
                    : null;
        }
        if (local.task() != null) {
            return new HaDecision.Wait("busy: " + local.task());
        }
        if (isOurs) {
            return mayAdopt(view, local)
                    ? null
                    : new HaDecision.Wait(
                            "the pause is over, waiting for the end of our former lease");
        }
        return new HaDecision.AcquireLeader("the pause is over, this primary has no leader key");
    }

    /**
     * The key is still ours: the agent restarted while its lease lived on, and may take it up
     * again.
     */
    private static boolean mayAdopt(ClusterView view, LocalState local) {
        LeaderKey leader = view.leader();
        return leader != null
                && leader.name().equals(local.self())
                && leader.leaseId() != 0
                && !local.lease().held()
                && local.memory().fencedEpoch() != view.epoch();
    }

    private static HaDecision decideBlind(LocalState local, long now) {
        InstanceView instance = local.instance();
        if (local.task() != null) {
            return new HaDecision.Wait("DCS unreachable, busy: " + local.task());
        }
        if (local.memory().stopping()) {
            return instance.process() == ProcessState.STOPPED
                    ? new HaDecision.Wait("stopped")
                    : new HaDecision.StopInstance("the agent is stopping");
        }
        if (local.mayWrite()) {
            return new HaDecision.CheckFailsafe("DCS unreachable, the lease is still valid");
        }
        if (instance.data() == DataState.VALID
                && instance.process() == ProcessState.STOPPED
                && local.memory().stuck().isEmpty()
                && !local.memory().paused()
                && now - local.memory().startedNanos() > Duration.ofSeconds(5).toNanos()) {
            return new HaDecision.StartStandby(null, "DCS unreachable: serving reads only");
        }
        return new HaDecision.Wait("DCS unreachable, " + describe(instance));
    }

    private HaDecision decide() {
        HaDecision foreign = refuseForeignData();
        if (foreign != null) {
            return local.task() == null
                    ? foreign
                    : new HaDecision.Wait("busy: " + local.task() + "; " + foreign.why());
        }
        if (lostLease()) {
            return new HaDecision.Fence("lost the leader key: " + leaderText());
        }
        if (local.task() != null) {
            return new HaDecision.Wait("busy: " + local.task());
        }
        if (local.lease().held() && view.epoch() < local.lease().epoch()) {
            return new HaDecision.Wait("took the leader key, waiting to see it");
        }
        if (local.memory().stopping()) {
            return stopping();
        }
        if (view.isPaused()) {
            return decidePaused();
        }
        if (view.recovery() != null) {
            boolean mayWork = now - local.memory().workAfterNanos() >= 0;
            HaDecision step = RecoverySteps.next(view.recovery(), view, local, mayWork);
            if (step != null) {
                return step;
            }
        }
        if (view.isLeader(self)) {
            return decideAsLeader();
        }
        return switch (instance.data()) {
            case EMPTY -> createOrClone();
            case UNFINISHED -> cloneAgain();
            case UNUSABLE -> new HaDecision.Wait("the data directory cannot be used; see the log");
            case VALID ->
                    view.leader() == null
                            ? decideLeaderless()
                            : decideAsFollower(view.leader().name());
        };
    }

    private @Nullable HaDecision refuseForeignData() {
        InitializeKey initialize = view.initialize();
        if (initialize == null
                || initialize.isBootstrapping()
                || instance.data() != DataState.VALID
                || instance.systemId().isEmpty()
                || instance.systemId().equals(initialize.systemId())) {
            return null;
        }
        String why =
                "the data directory belongs to another cluster: its system identifier is "
                        + instance.systemId()
                        + ", the cluster's is "
                        + initialize.systemId();
        return view.isPaused() ? new HaDecision.Wait(why) : new HaDecision.Refuse(why);
    }

    /** A definite loss. A view older than our own acquisition (lower epoch) says nothing. */
    private boolean lostLease() {
        LeaseState lease = local.lease();
        if (!lease.held() || view.isLeader(self) && view.epoch() == lease.epoch()) {
            return false;
        }
        boolean keyExpiredDuringFailsafe =
                local.memory().failsafeActive()
                        && view.leader() == null
                        && view.epoch() == lease.epoch();
        return view.epoch() >= lease.epoch() && !keyExpiredDuringFailsafe;
    }

    private HaDecision stopping() {
        if (view.isLeader(self) && local.lease().held()) {
            if (instance.isPrimary() && !view.isPaused()) {
                return new HaDecision.StepDown(
                        SwitchoverCheck.bestCandidate(view, instance), "the agent is stopping");
            }
            if (!view.isPaused()) {
                return new HaDecision.Release("the agent is stopping");
            }
        }
        return instance.process() == ProcessState.STOPPED || view.isPaused()
                ? new HaDecision.Wait("stopped")
                : new HaDecision.StopInstance("the agent is stopping");
    }

    private HaDecision decidePaused() {
        if (view.isLeader(self)) {
            if (!local.lease().held()) {
                return takeLeaseUp();
            }
            if (instance.process() == ProcessState.STOPPED) {
                return new HaDecision.Release("paused, and the instance does not run");
            }
            if (instance.isStandby()) {
                return new HaDecision.Promote(
                        local.lease().epoch(), "paused, chosen by the operator");
            }
            return instance.isPrimary()
                    ? leadOrStepDown()
                    : new HaDecision.Wait("paused, " + describe(instance));
        }
        if (view.leader() == null) {
            if (instance.isPrimary()) {
                return view.suspension().isAgainst(self)
                        ? new HaDecision.Wait("paused, " + LeaderRace.suspended(view))
                        : new HaDecision.AcquireLeader("paused, this primary has no leader key");
            }
            HaDecision race =
                    instance.isStandby() ? LeaderRace.chosenByOperator(view, local, now) : null;
            return race == null ? new HaDecision.Wait("paused, no leader") : race;
        }
        boolean steppedDown =
                view.handoff() != null
                        && view.handoff().from().equals(self)
                        && view.handoff().epoch() == view.epoch();
        if (steppedDown
                && instance.process() == ProcessState.STOPPED
                && instance.data() == DataState.VALID) {
            return new HaDecision.Rejoin(
                    view.leader().name(), "following the new leader after the switchover");
        }
        return new HaDecision.Wait("paused");
    }

    private HaDecision takeLeaseUp() {
        LeaderKey leader = view.leader();
        if (leader == null
                || leader.leaseId() == 0
                || local.memory().fencedEpoch() == view.epoch()) {
            return new HaDecision.Release("our leader key has no lease that may be used");
        }
        return new HaDecision.AdoptLease(
                leader.leaseId(),
                view.epoch(),
                "the leader key is ours from before the agent started");
    }

    private HaDecision decideAsLeader() {
        if (!local.lease().held()) {
            return takeLeaseUp();
        }
        if (!local.lease().isValid(now)) {
            return new HaDecision.Wait("our lease ran out");
        }
        return switch (instance.process()) {
            case STOPPED -> recoverPrimary();
            case STARTING, STOPPING -> leadWhileStarting();
            case RUNNING ->
                    instance.inRecovery()
                            ? new HaDecision.Promote(local.lease().epoch(), "holds the leader key")
                            : leadOrStepDown();
        };
    }

    private HaDecision leadWhileStarting() {
        long startedFor = now - local.memory().startedNanos();
        if (local.memory().startedNanos() != 0
                && startedFor > settings.primaryStartTimeout().toNanos()
                && settings.primaryStartTimeout().isPositive()
                && SwitchoverCheck.anybodyElse(view, self)) {
            return new HaDecision.Release(
                    "the instance has been starting for "
                            + Duration.ofNanos(startedFor).toSeconds()
                            + " s, more than primary_start_timeout");
        }
        return new HaDecision.Wait("leader, " + describe(instance));
    }

    private HaDecision recoverPrimary() {
        if (instance.data() != DataState.VALID) {
            return new HaDecision.Release("leader without a usable data directory");
        }
        boolean someoneElse = SwitchoverCheck.anybodyElse(view, self);
        if (someoneElse && crashesForWantOfSpace(local)) {
            return new HaDecision.Release(
                    "the instance crashed "
                            + local.memory().crashes()
                            + " times for want of space: "
                            + instance.space());
        }
        if (someoneElse && local.memory().crashes() > MAX_CRASHES) {
            return new HaDecision.Release(
                    "the instance crashed " + local.memory().crashes() + " times in a row");
        }
        if (someoneElse
                && settings.primaryStartTimeout().isZero()
                && local.memory().crashes() > 0) {
            return new HaDecision.Release("the instance crashed and primary_start_timeout is 0");
        }
        if (isCrashLooping() && startedJustNow()) {
            return new HaDecision.Wait(
                    "leader, the instance crashed "
                            + local.memory().crashes()
                            + " times in a row, waiting before it is started again"
                            + (instance.isOutOfSpace() ? ": " + instance.space() : ""));
        }
        if (instance.inRecovery()) {
            return new HaDecision.StartStandby(
                    null, "holds the leader key, starting before promotion");
        }
        return new HaDecision.StartPrimary(
                local.lease().epoch(), "holds the leader key, the instance does not run");
    }

    /** The server stopped more than once, and there is no room for it to go on. */
    static boolean crashesForWantOfSpace(LocalState local) {
        return local.instance().isOutOfSpace()
                && local.memory().crashes() >= MAX_CRASHES_WITHOUT_SPACE;
    }

    private boolean isCrashLooping() {
        return crashesForWantOfSpace(local) || local.memory().crashes() > MAX_CRASHES;
    }

    private boolean startedJustNow() {
        return local.memory().startedNanos() != 0
                && now - local.memory().startedNanos() < CRASH_LOOP_PAUSE.toNanos();
    }

    private HaDecision leadOrStepDown() {
        SwitchoverRequest request = view.switchover();
        if (request == null) {
            // It may be slow, out of connections, or waiting for its disk: who is alive and holds
            // the lease is not fenced for that.
            return new HaDecision.Lead(
                    "leader, epoch "
                            + local.lease().epoch()
                            + (instance.answers() ? "" : ", but the instance does not answer"));
        }
        if (request.scheduledAt() != null && wallClock.isBefore(request.scheduledAt())) {
            return new HaDecision.Lead("leader, switchover scheduled at " + request.scheduledAt());
        }
        if (request.scheduledAt() != null
                && wallClock.isAfter(
                        request.scheduledAt()
                                .plus(settings.loopWait().multipliedBy(3))
                                .plusSeconds(5))) {
            return new HaDecision.ClearSwitchover(
                    "the switchover scheduled at " + request.scheduledAt() + " was missed");
        }
        String problem = SwitchoverCheck.problem(request, view, instance);
        if (problem != null) {
            return new HaDecision.ClearSwitchover("switchover refused: " + problem);
        }
        MemberName candidate = request.candidate();
        return new HaDecision.StepDown(
                candidate != null ? candidate : SwitchoverCheck.bestCandidate(view, instance),
                request.isFailover() ? "manual failover" : "switchover");
    }

    private HaDecision createOrClone() {
        InitializeKey initialize = view.initialize();
        if (initialize == null && view.leader() == null) {
            if (!local.memory().mayBootstrap()) {
                return new HaDecision.Wait("waiting for another member to create the cluster");
            }
            return now - local.memory().workAfterNanos() < 0
                    ? new HaDecision.Wait("waiting before trying to create the cluster again")
                    : new HaDecision.Bootstrap("no cluster yet");
        }
        if (view.leader() == null) {
            return new HaDecision.Wait(
                    initialize != null && initialize.isBootstrapping()
                            ? "another member is creating the cluster"
                            : "empty data directory, waiting for a leader to copy from");
        }
        return cloneFromLeader("empty data directory");
    }

    private HaDecision cloneAgain() {
        if (view.leader() == null) {
            return new HaDecision.Wait(
                    "unfinished copy of the data directory, waiting for a leader to copy from");
        }
        return cloneFromLeader("unfinished copy of the data directory");
    }

    private HaDecision cloneFromLeader(String why) {
        if (!local.memory().stuck().isEmpty()) {
            return new HaDecision.Wait(local.memory().stuck());
        }
        if (now - local.memory().workAfterNanos() < 0) {
            return new HaDecision.Wait(why + ", waiting before the next attempt");
        }
        if (instance.process() != ProcessState.STOPPED) {
            return new HaDecision.StopInstance(why + ", but a server runs on it");
        }
        MemberName source = CloneSource.choose(view, self);
        return source == null
                ? new HaDecision.Wait(why + ", waiting for the leader's instance")
                : new HaDecision.Clone(source, why);
    }

    private HaDecision decideLeaderless() {
        return switch (instance.process()) {
            case STOPPED -> startWithoutLeader();
            case STARTING, STOPPING -> new HaDecision.Wait("no leader, " + describe(instance));
            case RUNNING -> {
                if (!instance.inRecovery()) {
                    yield new HaDecision.AcquireLeader(
                            "the leader key expired while every member agreed that we go on");
                }
                yield LeaderRace.next(view, local, now);
            }
        };
    }

    private HaDecision startWithoutLeader() {
        if (!local.memory().stuck().isEmpty()) {
            return new HaDecision.Wait(local.memory().stuck());
        }
        if (now - local.memory().workAfterNanos() < 0 || isCrashLooping() && startedJustNow()) {
            return new HaDecision.Wait("no leader, waiting before the instance is started again");
        }
        return new HaDecision.StartStandby(null, "no leader: starting read-only");
    }

    private HaDecision decideAsFollower(MemberName leader) {
        if (!local.memory().stuck().isEmpty() && instance.process() == ProcessState.STOPPED) {
            return new HaDecision.Wait(local.memory().stuck());
        }
        Member member = view.members().get(leader);
        MemberName upstream = upstreamFor(leader);
        return switch (instance.process()) {
            case STOPPED -> comeBack(leader, member);
            case STARTING, STOPPING -> new HaDecision.Wait("standby, " + describe(instance));
            case RUNNING -> follow(upstream, leader, member);
        };
    }

    private HaDecision comeBack(MemberName leader, @Nullable Member member) {
        if (now - local.memory().workAfterNanos() < 0) {
            return new HaDecision.Wait("waiting before the instance is started again");
        }
        boolean wasPrimary =
                instance.wasPrimary() || RejoinPlan.branchedOff(self, instance, view.history());
        if (wasPrimary && instance.isOutOfSpace()) {
            // A rewind that stops half way leaves a directory that nobody can start.
            return new HaDecision.Wait(
                    "was a primary, waiting for space to rejoin "
                            + leader
                            + ": "
                            + instance.space());
        }
        boolean leaderIsPrimary = member != null && member.isRunning() && isPrimary(member);
        if (wasPrimary && !leaderIsPrimary) {
            return new HaDecision.Wait(
                    "was a primary, waiting until " + leader + " accepts writes");
        }
        return new HaDecision.Rejoin(
                leader, wasPrimary ? "was a primary" : "starting as a standby");
    }

    private HaDecision follow(MemberName upstream, MemberName leader, @Nullable Member member) {
        boolean mayRejoin =
                now - local.memory().workAfterNanos() >= 0
                        && member != null
                        && member.isRunning()
                        && isPrimary(member);
        if (RejoinPlan.branchedOff(self, instance, view.history())) {
            // It could stream nevertheless: positions and timelines fit, contents do not.
            String why =
                    "timeline "
                            + instance.timeline()
                            + " was begun here and by another member, which the cluster follows";
            return mayRejoin
                    ? new HaDecision.Rejoin(leader, why)
                    : new HaDecision.Wait(why + ", waiting until " + leader + " accepts writes");
        }
        if (local.tags().noStream()) {
            return instance.upstream() == null
                    ? new HaDecision.Wait("following " + leader + " by the archive alone")
                    : new HaDecision.Follow(null, "the tag nostream: by the archive alone");
        }
        HostPort address = addressOf(upstream);
        if (address == null) {
            return new HaDecision.Wait("following, waiting for the address of " + upstream);
        }
        if (!address.equals(instance.upstream())) {
            return new HaDecision.Follow(upstream, "streaming from " + upstream);
        }
        if (member != null
                && mayRejoin
                && !instance.streaming()
                && instance.beganItsTimeline()
                && member.timeline() > instance.timeline()) {
            return new HaDecision.Rejoin(
                    leader,
                    "was the primary of timeline "
                            + instance.timeline()
                            + ", the leader is on "
                            + member.timeline());
        }
        boolean suspicious =
                mayRejoin
                        && !instance.streaming()
                        && local.memory().notStreamingSinceNanos() != 0
                        && now - local.memory().notStreamingSinceNanos()
                                > Math.max(DIVERGENCE_SUSPICION_NANOS, settings.ttl().toNanos());
        return suspicious
                ? new HaDecision.Rejoin(leader, "does not stream from " + upstream)
                : new HaDecision.Wait(
                        "following "
                                + upstream
                                + (instance.streaming() ? "" : ", not streaming yet"));
    }

    /** The member named by our tag replicatefrom while it runs, else the leader. */
    private MemberName upstreamFor(MemberName leader) {
        String wished = local.tags().replicateFrom();
        if (wished.isEmpty() || wished.equals(self.value()) || !MemberName.isValid(wished)) {
            return leader;
        }
        Member source = view.members().get(new MemberName(wished));
        return source != null && source.isRunning() && source.postgres() != null
                ? source.name()
                : leader;
    }

    private @Nullable HostPort addressOf(MemberName name) {
        Member member = view.members().get(name);
        return member == null ? null : member.postgres();
    }

    private static boolean isPrimary(Member member) {
        return switch (member.role()) {
            case PRIMARY, STANDBY_LEADER -> true;
            case REPLICA, UNINITIALIZED, DEMOTED -> false;
        };
    }

    private String leaderText() {
        LeaderKey leader = view.leader();
        return leader == null
                ? "it is gone"
                : "it is held by " + leader.name() + " in epoch " + view.epoch();
    }

    private static String describe(InstanceView instance) {
        return switch (instance.process()) {
            case STOPPED -> "the instance does not run";
            case STARTING -> "the instance is starting";
            case RUNNING -> instance.inRecovery() ? "standby" : "primary";
            case STOPPING -> "the instance is stopping";
        };
    }
}
