package io.pgnode.ha;

import static io.pgnode.ha.Situation.NOW;
import static io.pgnode.ha.Situation.ONE;
import static io.pgnode.ha.Situation.SECOND;
import static io.pgnode.ha.Situation.THREE;
import static io.pgnode.ha.Situation.TWO;
import static io.pgnode.ha.Situation.WALL_CLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.model.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** One line per situation: what was seen, what follows, and with which words. */
class HaPolicyTest {
    private record Case(String name, HaDecision decision, Class<?> kind, String why) {}

    private final List<Case> cases = new ArrayList<>();

    private void given(
            String name,
            Supplier<Situation> base,
            Consumer<Situation> change,
            Class<? extends HaDecision> kind,
            String why) {
        Situation situation = base.get();
        change.accept(situation);
        cases.add(new Case(name, situation.decide(), kind, why));
    }

    private static ClusterRecovery recovery(ClusterRecovery.Step step) {
        return new ClusterRecovery(
                "r1",
                Situation.ONE,
                Map.of(),
                step,
                step == ClusterRecovery.Step.REBUILD ? 4 : 3,
                "",
                9);
    }

    private void blind(
            String name,
            Supplier<Situation> base,
            Consumer<Situation> change,
            Class<? extends HaDecision> kind,
            String why) {
        Situation situation = base.get();
        change.accept(situation);
        cases.add(new Case(name, situation.decideBlind(), kind, why));
    }

    private void fill() {
        given(
                "a stopped leader to be restored",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.recovery = recovery(ClusterRecovery.Step.RESTORE);
                },
                HaDecision.RestoreCluster.class,
                "recovery r1: restoring");
        given(
                "a stopped leader in a recovery that begins",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.recovery = recovery(ClusterRecovery.Step.STOP);
                },
                HaDecision.ChangeRecovery.class,
                "recovery r1: stopped");
        given(
                "a leader whose restore ended while there was no agent",
                Situation::leader,
                s -> {
                    s.data = DataState.UNFINISHED;
                    s.timeline = 4;
                    s.recovery = recovery(ClusterRecovery.Step.RESTORE);
                },
                HaDecision.AcceptData.class,
                "recovery r1: recovered before the agent began");
        given(
                "a stopped standby after the leader was restored",
                Situation::new,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.recovery = recovery(ClusterRecovery.Step.REBUILD);
                },
                HaDecision.GiveUpData.class,
                "recovery r1: timeline 3 is not the cluster's any more");
        given("a leader", Situation::leader, s -> {}, HaDecision.Lead.class, "leader, epoch 3");
        given(
                "a leader whose deadline has passed",
                Situation::leader,
                s -> s.lease = new LeaseState(true, 3, NOW),
                HaDecision.Fence.class,
                "without a valid lease");
        given(
                "a paused leader whose deadline has passed",
                Situation::leader,
                s -> {
                    s.lease = new LeaseState(true, 3, NOW);
                    s.paused = true;
                },
                HaDecision.Lead.class,
                "leader");
        given(
                "a primary while somebody else leads",
                Situation::leader,
                s -> s.leader = new LeaderKey(TWO, 78, 9, 9),
                HaDecision.Fence.class,
                "held by pg-2");
        given(
                "a leader whose key is gone",
                Situation::leader,
                s -> s.leader = null,
                HaDecision.Fence.class,
                "lost the leader key: it is gone");
        given(
                "a standby whose key is gone although it holds a lease",
                Situation::leader,
                s -> {
                    s.leader = null;
                    s.inRecovery = true;
                },
                HaDecision.Fence.class,
                "lost the leader key");
        given(
                "a leader that sees a view from before it led",
                Situation::leader,
                s -> {
                    s.leader = null;
                    s.epoch = 2;
                },
                HaDecision.Wait.class,
                "waiting to see it");
        given(
                "a primary without a lease that a new agent finds",
                Situation::leader,
                s -> s.lease = LeaseState.NONE,
                HaDecision.AdoptLease.class,
                "from before the agent started");
        given(
                "a primary that fenced itself in this epoch",
                Situation::leader,
                s -> {
                    s.lease = LeaseState.NONE;
                    s.fencedEpoch = 3;
                },
                HaDecision.Fence.class,
                "without a valid lease");
        given(
                "a stopped leader that fenced itself in this epoch",
                Situation::leader,
                s -> {
                    s.lease = LeaseState.NONE;
                    s.fencedEpoch = 3;
                    s.process = ProcessState.STOPPED;
                },
                HaDecision.Release.class,
                "no lease that may be used");
        blind(
                "a primary found by a new agent, before the first view",
                Situation::leader,
                s -> {
                    s.lease = LeaseState.NONE;
                    s.adoptUntil = NOW + SECOND;
                },
                HaDecision.Wait.class,
                "asking the DCS");
        blind(
                "a primary found by a new agent, and the DCS is away",
                Situation::leader,
                s -> {
                    s.lease = LeaseState.NONE;
                    s.adoptUntil = NOW;
                },
                HaDecision.Fence.class,
                "without a valid lease");
        blind(
                "a leader without the DCS",
                Situation::leader,
                s -> {},
                HaDecision.CheckFailsafe.class,
                "the lease is still valid");
        blind(
                "a stopped instance without the DCS",
                Situation::new,
                s -> s.process = ProcessState.STOPPED,
                HaDecision.StartStandby.class,
                "serving reads only");
        blind(
                "a standby without the DCS",
                Situation::new,
                s -> {},
                HaDecision.Wait.class,
                "DCS unreachable, standby");
        blind(
                "a stopping agent without the DCS",
                Situation::new,
                s -> s.stopping = true,
                HaDecision.StopInstance.class,
                "the agent is stopping");

        given(
                "an empty directory and no cluster",
                Situation::leaderless,
                s -> {
                    s.data = DataState.EMPTY;
                    s.process = ProcessState.STOPPED;
                    s.initialize = null;
                },
                HaDecision.Bootstrap.class,
                "no cluster yet");
        given(
                "an empty directory of one that may not bootstrap",
                Situation::leaderless,
                s -> {
                    s.data = DataState.EMPTY;
                    s.process = ProcessState.STOPPED;
                    s.initialize = null;
                    s.mayBootstrap = false;
                },
                HaDecision.Wait.class,
                "waiting for another member to create");
        given(
                "an empty directory while another one bootstraps",
                Situation::leaderless,
                s -> {
                    s.data = DataState.EMPTY;
                    s.process = ProcessState.STOPPED;
                    s.initialize = new InitializeKey("", 5, 5);
                },
                HaDecision.Wait.class,
                "is creating the cluster");
        given(
                "an empty directory and a leader",
                Situation::new,
                s -> {
                    s.data = DataState.EMPTY;
                    s.process = ProcessState.STOPPED;
                },
                HaDecision.Clone.class,
                "empty data directory");
        given(
                "an unfinished copy",
                Situation::new,
                s -> {
                    s.data = DataState.UNFINISHED;
                    s.process = ProcessState.STOPPED;
                },
                HaDecision.Clone.class,
                "unfinished copy");
        given(
                "an unfinished copy on which a server runs",
                Situation::new,
                s -> s.data = DataState.UNFINISHED,
                HaDecision.StopInstance.class,
                "a server runs on it");
        given(
                "another cluster's data",
                Situation::new,
                s -> s.systemId = "43",
                HaDecision.Refuse.class,
                "its system identifier is 43, the cluster's is 42");
        given(
                "another cluster's data while busy",
                Situation::new,
                s -> {
                    s.systemId = "43";
                    s.task = "starting as standby";
                },
                HaDecision.Wait.class,
                "busy");
        given(
                "a running primary before there is a cluster",
                Situation::leader,
                s -> {
                    s.leader = null;
                    s.initialize = null;
                    s.lease = LeaseState.NONE;
                },
                HaDecision.AcquireLeader.class,
                "taking it over");

        given("a standby", Situation::new, s -> {}, HaDecision.Wait.class, "following pg-1");
        given(
                "a standby of somebody who does not lead any more",
                Situation::new,
                s -> s.upstream = Situation.address(THREE),
                HaDecision.Follow.class,
                "streaming from pg-1");
        given(
                "a standby with a wish where to stream from",
                Situation::new,
                s -> s.tags = new Tags(Map.of("replicatefrom", "pg-3")),
                HaDecision.Follow.class,
                "streaming from pg-3");
        given(
                "a standby that shall not stream, but does",
                Situation::new,
                s -> s.tags = new Tags(Map.of("nostream", "true")),
                HaDecision.Follow.class,
                "by the archive alone");
        given(
                "a standby that shall not stream",
                Situation::new,
                s -> {
                    s.tags = new Tags(Map.of("nostream", "true"));
                    s.upstream = null;
                    s.streaming = false;
                },
                HaDecision.Wait.class,
                "by the archive alone");
        given(
                "a standby that has not streamed for less than a lease",
                Situation::new,
                s -> {
                    s.streaming = false;
                    s.notStreamingSince = NOW - 9 * SECOND;
                },
                HaDecision.Wait.class,
                "not streaming yet");
        given(
                "a standby that has not streamed for more than a lease",
                Situation::new,
                s -> {
                    s.streaming = false;
                    s.notStreamingSince = NOW - 11 * SECOND;
                },
                HaDecision.Rejoin.class,
                "does not stream");
        given(
                "a former primary that was restarted as a standby before it met the new leader",
                Situation::new,
                s -> {
                    s.streaming = false;
                    s.timeline = 2;
                    s.promotedTimeline = 2;
                },
                HaDecision.Rejoin.class,
                "was the primary of timeline 2, the leader is on 3");
        given(
                "a stopped former primary",
                Situation::new,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.inRecovery = false;
                    s.control = ControlState.IN_PRODUCTION;
                },
                HaDecision.Rejoin.class,
                "was a primary");
        given(
                "a standby on a timeline that it and the cluster's leader both began",
                Situation::new,
                s -> {
                    s.promotedTimeline = 3;
                    s.history = Situation.begunBy(THREE, 3);
                },
                HaDecision.Rejoin.class,
                "timeline 3 was begun here and by another member");
        given(
                "a standby on a timeline that it began and the cluster went on with",
                Situation::new,
                s -> {
                    s.promotedTimeline = 3;
                    s.history = Situation.begunBy(TWO, 3);
                },
                HaDecision.Wait.class,
                "following pg-1");
        given(
                "a standby that left the timeline it began",
                Situation::new,
                s -> {
                    s.promotedTimeline = 2;
                    s.history = Situation.begunBy(THREE, 3);
                },
                HaDecision.Wait.class,
                "following pg-1");
        given(
                "a standby on a timeline of its own, without a leader",
                Situation::leaderless,
                s -> {
                    s.promotedTimeline = 3;
                    s.history = Situation.begunBy(THREE, 3);
                },
                HaDecision.Wait.class,
                "on timeline 3 of its own");
        given(
                "a stopped former primary before the new one accepts writes",
                Situation::new,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.inRecovery = false;
                    s.control = ControlState.IN_PRODUCTION;
                    s.members.put(ONE, Situation.member(ONE, MemberRole.REPLICA, "running"));
                },
                HaDecision.Wait.class,
                "waiting until pg-1 accepts writes");
        given(
                "a stopped standby",
                Situation::new,
                s -> s.process = ProcessState.STOPPED,
                HaDecision.Rejoin.class,
                "starting as a standby");
        given(
                "an instance that needs an operator",
                Situation::new,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.stuck = "the directory diverged";
                },
                HaDecision.Wait.class,
                "the directory diverged");

        given(
                "a standby with the leader key",
                Situation::leader,
                s -> s.inRecovery = true,
                HaDecision.Promote.class,
                "holds the leader key");
        given(
                "a stopped leader",
                Situation::leader,
                s -> s.process = ProcessState.STOPPED,
                HaDecision.StartPrimary.class,
                "does not run");
        given(
                "a stopped leader set up as a standby",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.inRecovery = true;
                },
                HaDecision.StartStandby.class,
                "before promotion");
        given(
                "a leader that crashed too often",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.crashes = 4;
                },
                HaDecision.Release.class,
                "crashed 4 times");
        given(
                "a crashed leader that is replaced at once",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.crashes = 1;
                    s.primaryStartTimeout = Duration.ZERO;
                },
                HaDecision.Release.class,
                "primary_start_timeout is 0");
        given(
                "a leader that has been starting for too long",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STARTING;
                    s.started = NOW - 301 * SECOND;
                },
                HaDecision.Release.class,
                "starting for 301 s");
        given(
                "a leader with an empty directory",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.data = DataState.EMPTY;
                },
                HaDecision.Release.class,
                "without a usable data directory");

        given(
                "a leader that crashed once for want of space",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.freeBytes = 1000;
                    s.crashes = 1;
                },
                HaDecision.StartPrimary.class,
                "the instance does not run");
        given(
                "a leader that crashed twice for want of space",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.freeBytes = 1000;
                    s.crashes = 2;
                },
                HaDecision.Release.class,
                "want of space: 1000 bytes free on the file system of /data/pg_wal");
        given(
                "a leader that crashed twice with enough space",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.freeBytes = 1L << 30;
                    s.crashes = 2;
                },
                HaDecision.StartPrimary.class,
                "the instance does not run");
        given(
                "a leader that crashed twice for want of space, with nobody to take over",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.freeBytes = 1000;
                    s.crashes = 2;
                    s.started = NOW - 3 * SECOND;
                    s.members.remove(TWO);
                    s.members.remove(THREE);
                },
                HaDecision.Wait.class,
                "waiting before it is started again: 1000 bytes free");
        given(
                "a leader that crashed twice for want of space, a while ago",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.freeBytes = 1000;
                    s.crashes = 2;
                    s.started = NOW - 11 * SECOND;
                    s.members.remove(TWO);
                    s.members.remove(THREE);
                },
                HaDecision.StartPrimary.class,
                "the instance does not run");
        given(
                "a leader alone that crashes again and again",
                Situation::leader,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.crashes = 4;
                    s.started = NOW - 3 * SECOND;
                    s.members.remove(TWO);
                    s.members.remove(THREE);
                },
                HaDecision.Wait.class,
                "crashed 4 times in a row");
        given(
                "a standby that crashed for want of space, without a leader",
                Situation::leaderless,
                s -> {
                    s.freeBytes = 1000;
                    s.crashes = 2;
                },
                HaDecision.Wait.class,
                "not running: it crashed for want of space, 1000 bytes free");
        given(
                "a standby short of space that never crashed, without a leader",
                Situation::leaderless,
                s -> s.freeBytes = 1000,
                HaDecision.PollPeers.class,
                "asking the other members");
        given(
                "a former primary that has no space to be rewound",
                Situation::new,
                s -> {
                    s.process = ProcessState.STOPPED;
                    s.inRecovery = false;
                    s.control = ControlState.IN_PRODUCTION;
                    s.freeBytes = 1000;
                },
                HaDecision.Wait.class,
                "waiting for space to rejoin pg-1: 1000 bytes free");
        given(
                "a leader whose instance does not answer",
                Situation::leader,
                s -> s.answers = false,
                HaDecision.Lead.class,
                "but the instance does not answer");
        given(
                "a switchover",
                Situation::leader,
                s -> s.switchover = new SwitchoverRequest(ONE, TWO, null, 9),
                HaDecision.StepDown.class,
                "switchover");
        given(
                "a manual failover while the leader lives",
                Situation::leader,
                s -> s.switchover = new SwitchoverRequest(null, TWO, null, 9),
                HaDecision.StepDown.class,
                "manual failover");
        given(
                "a switchover that is not due",
                Situation::leader,
                s -> s.switchover = new SwitchoverRequest(ONE, TWO, WALL_CLOCK.plusSeconds(60), 9),
                HaDecision.Lead.class,
                "switchover scheduled at");
        given(
                "a switchover that was missed",
                Situation::leader,
                s -> s.switchover = new SwitchoverRequest(ONE, TWO, WALL_CLOCK.minusSeconds(60), 9),
                HaDecision.ClearSwitchover.class,
                "was missed");
        given(
                "a switchover to nobody",
                Situation::leader,
                s -> {
                    s.replication.clear();
                    s.switchover = new SwitchoverRequest(ONE, null, null, 9);
                },
                HaDecision.ClearSwitchover.class,
                "no member is a running, streaming standby");
        given(
                "a leader whose agent stops",
                Situation::leader,
                s -> s.stopping = true,
                HaDecision.StepDown.class,
                "the agent is stopping");
        given(
                "a standby whose agent stops",
                Situation::new,
                s -> s.stopping = true,
                HaDecision.StopInstance.class,
                "the agent is stopping");
        given(
                "a stopped instance whose agent stops",
                Situation::new,
                s -> {
                    s.stopping = true;
                    s.process = ProcessState.STOPPED;
                },
                HaDecision.Wait.class,
                "stopped");

        given(
                "a stopped instance without a leader",
                Situation::leaderless,
                s -> s.process = ProcessState.STOPPED,
                HaDecision.StartStandby.class,
                "no leader: starting read-only");
        given(
                "a standby without a leader",
                Situation::leaderless,
                s -> {},
                HaDecision.PollPeers.class,
                "asking the other members");
        given(
                "the best standby without a leader",
                Situation::leaderless,
                s -> s.polled(Situation.peer(THREE, 3, new Lsn(0x2000000))),
                HaDecision.AcquireLeader.class,
                "nobody eligible has more WAL");
        given(
                "a busy standby without a leader",
                Situation::leaderless,
                s -> s.task = "rejoining",
                HaDecision.Wait.class,
                "busy: rejoining");

        given(
                "a paused standby without a leader",
                Situation::leaderless,
                s -> s.paused = true,
                HaDecision.Wait.class,
                "paused, no leader");
        given(
                "a paused primary without a leader key",
                Situation::leader,
                s -> {
                    s.paused = true;
                    s.leader = null;
                    s.lease = LeaseState.NONE;
                },
                HaDecision.AcquireLeader.class,
                "paused");
        given(
                "a paused primary while somebody else may accept writes",
                Situation::leader,
                s -> {
                    s.paused = true;
                    s.leader = null;
                    s.lease = LeaseState.NONE;
                    s.suspension = new Suspension(TWO, 2, 50);
                },
                HaDecision.Wait.class,
                "paused, pg-2 led when the cluster was paused");
        given(
                "a primary whose lease ended in a pause that is over",
                Situation::leader,
                s -> {
                    s.leader = null;
                    s.lease = LeaseState.NONE;
                    s.suspension = new Suspension(ONE, 3, 50);
                },
                HaDecision.AcquireLeader.class,
                "the pause is over");
        given(
                "the same when somebody else leads by an operator's failover",
                Situation::leader,
                s -> {
                    s.leader = new LeaderKey(TWO, 78, 9, 9);
                    s.lease = LeaseState.NONE;
                    s.suspension = new Suspension(ONE, 3, 50);
                },
                HaDecision.Fence.class,
                "without a valid lease");
        given(
                "the same when the suspension is another member's",
                Situation::leader,
                s -> {
                    s.leader = null;
                    s.lease = LeaseState.NONE;
                    s.suspension = new Suspension(TWO, 3, 50);
                },
                HaDecision.Fence.class,
                "without a valid lease");
        given(
                "a primary whose lease ran out in a pause that is over, and may be renewed",
                Situation::leader,
                s -> {
                    s.lease = new LeaseState(true, 3, NOW);
                    s.suspension = new Suspension(ONE, 3, 50);
                },
                HaDecision.Wait.class,
                "renewed first");
        given(
                "a primary whose former lease still has the key after a pause",
                Situation::leader,
                s -> {
                    s.lease = LeaseState.NONE;
                    s.fencedEpoch = 3;
                    s.suspension = new Suspension(ONE, 3, 50);
                },
                HaDecision.Wait.class,
                "the end of our former lease");
        given(
                "a standby while a paused primary may accept writes",
                Situation::leaderless,
                s -> s.suspension = new Suspension(ONE, 3, 50),
                HaDecision.Wait.class,
                "its agent must come back first");
        given(
                "a standby that cannot read whether somebody may accept writes",
                Situation::leaderless,
                s -> s.suspension = Suspension.unreadable(50),
                HaDecision.Wait.class,
                "somebody led when the cluster was paused");
        given(
                "an operator's failover to us past a suspension",
                Situation::leaderless,
                s -> {
                    s.suspension = new Suspension(ONE, 3, 50);
                    s.switchover = new SwitchoverRequest(null, TWO, null, 9);
                },
                HaDecision.PollPeers.class,
                "asking who accepts writes");
        given(
                "the same when nobody says that it accepts writes",
                Situation::leaderless,
                s -> {
                    s.suspension = new Suspension(ONE, 3, 50);
                    s.switchover = new SwitchoverRequest(null, TWO, null, 9);
                    s.polled(Situation.peer(THREE, 3, new Lsn(0x1000000)));
                },
                HaDecision.AcquireLeader.class,
                "the operator answers for this");
        given(
                "a paused leader that does not run",
                Situation::leader,
                s -> {
                    s.paused = true;
                    s.process = ProcessState.STOPPED;
                },
                HaDecision.Release.class,
                "paused, and the instance does not run");
        given(
                "a paused switchover to us",
                Situation::leaderless,
                s -> {
                    s.paused = true;
                    s.handoff = new Handoff(ONE, TWO, 3, new Lsn(0x3000000), "switchover");
                },
                HaDecision.AcquireLeader.class,
                "handed to us");
        given(
                "synchronous mode: the sync standby",
                Situation::leaderless,
                s -> {
                    s.syncMode = SyncMode.ON;
                    s.sync = new SyncState(ONE, Set.of(TWO), 0, 8);
                    s.polled(Situation.peer(THREE, 3, new Lsn(0x9000000)));
                },
                HaDecision.AcquireLeader.class,
                "nobody eligible");
        given(
                "synchronous mode: another standby",
                Situation::leaderless,
                s -> {
                    s.syncMode = SyncMode.ON;
                    s.sync = new SyncState(ONE, Set.of(THREE), 0, 8);
                },
                HaDecision.Wait.class,
                "not a synchronous standby of pg-1");
    }

    @TestFactory
    List<DynamicTest> decides() {
        fill();
        return cases.stream()
                .map(
                        one ->
                                DynamicTest.dynamicTest(
                                        one.name(),
                                        () -> {
                                            assertThat(one.decision())
                                                    .as(one.decision().why())
                                                    .isInstanceOf(one.kind());
                                            assertThat(one.decision().why()).contains(one.why());
                                        }))
                .toList();
    }

    @Test
    void everyDecisionIsReachableAndSaysWhyInOneSentence() {
        fill();
        Map<Class<?>, String> reached = new LinkedHashMap<>();
        for (Case one : cases) {
            reached.put(one.decision().getClass(), one.decision().why());
            assertThat(one.decision().why()).isNotBlank().doesNotEndWith(".").doesNotContain("\n");
        }

        assertThat(reached.keySet())
                .containsAll(Arrays.asList(HaDecision.class.getPermittedSubclasses()));
    }

    @Test
    void neverLetsAnInstanceWriteWithoutAValidLease() {
        // Whatever else is the case: an expired lease and no pause means no way to go on.
        for (boolean held : new boolean[] {true, false}) {
            for (ProcessState process : ProcessState.values()) {
                Situation s = Situation.leader();
                s.lease = new LeaseState(held, held ? 3 : 0, held ? NOW - 1 : 0);
                s.fencedEpoch = 3;
                s.process = process;
                HaDecision decision = s.decide();
                assertThat(decision)
                        .isNotInstanceOfAny(
                                HaDecision.Lead.class,
                                HaDecision.Promote.class,
                                HaDecision.StartPrimary.class);
                if (process != ProcessState.STOPPED) {
                    assertThat(decision).isInstanceOf(HaDecision.Fence.class);
                }
            }
        }
    }
}
