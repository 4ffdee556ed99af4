package io.pgnode.agent.rest;

import io.pgnode.agent.AgentSnapshot;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.ha.LeaseState;
import io.pgnode.ha.LocalState;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A member {@code pg-test-1} in a cluster with {@code pg-test-2}, to be changed field by field. The
 * clock stands at {@link #NOW}; the lease is 10 s.
 */
final class TestNode {
    static final long NOW = Duration.ofHours(1).toNanos();
    static final MemberName SELF = new MemberName("pg-test-1");
    static final MemberName OTHER = new MemberName("pg-test-2");
    private static final Instant STARTED = Instant.parse("2026-11-20T10:44:33.466Z");

    DataState data = DataState.VALID;
    ProcessState process = ProcessState.RUNNING;
    boolean answers = true;
    boolean inRecovery;
    boolean streaming;
    boolean replayPaused;
    long received = 0x3000060;
    long replayed = 0x3000060;
    long optime = 0x3000060;
    long leaseRemainingNanos = Duration.ofSeconds(8).toNanos();
    boolean leaseHeld = true;
    long viewAgeNanos = Duration.ofSeconds(1).toNanos();
    long loopAgeNanos = Duration.ofSeconds(1).toNanos();
    @Nullable MemberName leader = SELF;
    SyncMode syncMode = SyncMode.OFF;
    Set<MemberName> sync = Set.of();
    boolean pause;
    boolean failsafeMode;
    boolean failsafeActive;
    boolean watchdogFailed;
    boolean hasConfig = true;
    String config = "{\"ttl\": 10, \"loop_wait\": 2}";
    String state = "running";
    String otherState = "running";
    long otherLsn = 0x3000060;
    Map<String, String> tags = Map.of();
    Map<String, String> pendingRestart = Map.of();
    String scheduledRestart = "";
    @Nullable SwitchoverRequest switchover;
    List<TimelineHistory.Entry> history = List.of();

    static TestNode primary() {
        return new TestNode();
    }

    static TestNode replica() {
        TestNode node = new TestNode();
        node.inRecovery = true;
        node.streaming = true;
        node.leaseHeld = false;
        node.leader = OTHER;
        return node;
    }

    NodeStatus status() {
        return new NodeStatus(snapshot(), NOW);
    }

    AgentSnapshot snapshot() {
        LeaseState lease =
                leaseHeld ? new LeaseState(true, 7, NOW + leaseRemainingNanos) : LeaseState.NONE;
        LocalState local =
                new LocalState(SELF, new Tags(tags), instance(), lease, null, watchdogFailed);
        return new AgentSnapshot(
                "pg-test",
                view(),
                viewAgeNanos < 0 ? 0 : NOW - viewAgeNanos,
                1795171493,
                loopAgeNanos < 0 ? 0 : NOW - loopAgeNanos,
                local,
                "leader and healthy",
                failsafeActive,
                state,
                scheduledRestart,
                pendingRestart,
                null);
    }

    private InstanceView instance() {
        boolean stopped = process == ProcessState.STOPPED;
        Standby standby =
                new Standby(
                        "pg-test-2",
                        "replicator",
                        "10.0.0.2",
                        "streaming",
                        "sync",
                        2,
                        new Lsn(received),
                        new Lsn(received),
                        new Lsn(received),
                        new Lsn(replayed));
        return new InstanceView(
                data,
                process,
                stopped ? ControlState.SHUT_DOWN : ControlState.IN_PRODUCTION,
                data == DataState.VALID ? "7710202766530638290" : "",
                150018,
                stopped ? 0 : STARTED.toEpochMilli(),
                answers && !stopped,
                inRecovery,
                1,
                new Lsn(received),
                new Lsn(received),
                new Lsn(replayed),
                inRecovery ? STARTED.plusSeconds(16).toEpochMilli() : 0,
                new Lsn(0x2000060),
                1,
                0,
                replayPaused,
                inRecovery ? new HostPort("10.0.0.2", 5432) : null,
                streaming,
                inRecovery ? List.of() : List.of(standby),
                Set.of(),
                "",
                Map.of(),
                1L << 30,
                "/data/pg_wal");
    }

    private ClusterView view() {
        TreeMap<MemberName, Member> members = new TreeMap<>();
        members.put(SELF, member(SELF, 1, state, received));
        members.put(OTHER, member(OTHER, 2, otherState, otherLsn));
        return new ClusterView(
                100,
                leader == null ? null : new LeaderKey(leader, 1, 90, 90),
                7,
                members,
                hasConfig ? dynamicConfig() : null,
                null,
                new ClusterStatus(new Lsn(optime), Map.of(), List.of()),
                sync.isEmpty() ? SyncState.NONE : new SyncState(leader, sync, 0, 95),
                switchover,
                new TimelineHistory(history, 1),
                failsafeMode
                        ? Map.of(OTHER, "http://10.0.0.2:8008/patroni", SELF, apiUrl(1))
                        : Map.of(),
                null,
                TimelineClaim.NONE,
                Suspension.NONE,
                null,
                List.of());
    }

    private Member member(MemberName name, int number, String memberState, long lsn) {
        boolean leads = name.equals(leader);
        boolean runs = memberState.equals("running");
        Lsn position = runs ? new Lsn(lsn) : Lsn.NONE;
        return new Member(
                name,
                new HostPort("10.0.0." + number, 5432),
                apiUrl(number),
                leads ? MemberRole.PRIMARY : MemberRole.REPLICA,
                memberState,
                "pgnode-0.1.0",
                name.equals(SELF) ? new Tags(tags) : Tags.NONE,
                position,
                leads ? Lsn.NONE : position,
                leads ? Lsn.NONE : position,
                runs ? 1 : 0,
                runs && !leads ? "streaming" : "",
                name.equals(SELF) ? pendingRestart : Map.of(),
                name.equals(SELF) ? scheduledRestart : "",
                pause,
                number,
                50 + number);
    }

    private static String apiUrl(int number) {
        return "http://10.0.0." + number + ":8008/patroni";
    }

    private DynamicConfig dynamicConfig() {
        DynamicConfig d = DynamicConfig.DEFAULT;
        return new DynamicConfig(
                d.ttl(),
                d.loopWait(),
                d.retryTimeout(),
                d.maximumLagOnFailover(),
                d.maximumLagOnSyncnode(),
                d.checkTimeline(),
                d.primaryStartTimeout(),
                d.primaryStopTimeout(),
                syncMode,
                d.synchronousModeStrict(),
                d.synchronousNodeCount(),
                failsafeMode,
                pause,
                d.maxTimelinesHistory(),
                d.usePgRewind(),
                d.useSlots(),
                d.removeDataDirectoryOnRewindFailure(),
                d.removeDataDirectoryOnDivergedTimelines(),
                d.parameters(),
                d.pgHba(),
                d.pgIdent(),
                config,
                9);
    }
}
