package io.pgnode.ha;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.InitializeKey;
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
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a member sees, for tests: a healthy standby {@code pg-2} of {@code pg-1}, then changed. */
final class Situation {
    static final MemberName ONE = new MemberName("pg-1");
    static final MemberName TWO = new MemberName("pg-2");
    static final MemberName THREE = new MemberName("pg-3");
    static final long SECOND = 1_000_000_000L;
    static final long NOW = 1_000 * SECOND;
    static final Instant WALL_CLOCK = Instant.parse("2026-01-01T12:00:00Z");

    final SortedMap<MemberName, Member> members = new TreeMap<>();
    MemberName self = TWO;
    @Nullable LeaderKey leader = new LeaderKey(ONE, 77, 5, 5);
    long epoch = 3;
    SyncMode syncMode = SyncMode.OFF;
    boolean strict;
    boolean failsafeMode;
    boolean paused;
    int syncNodes = 1;
    Duration primaryStartTimeout = Duration.ofMinutes(5);
    @Nullable InitializeKey initialize = new InitializeKey("42", 0, 1);
    SyncState sync = SyncState.NONE;
    Lsn optime = Lsn.NONE;
    @Nullable SwitchoverRequest switchover;
    TimelineHistory history = TimelineHistory.NONE;
    Map<MemberName, String> failsafe = Map.of();
    @Nullable Handoff handoff;
    Suspension suspension = Suspension.NONE;

    DataState data = DataState.VALID;
    ProcessState process = ProcessState.RUNNING;
    ControlState control = ControlState.IN_ARCHIVE_RECOVERY;
    String systemId = "42";
    boolean answers = true;
    boolean inRecovery = true;
    int timeline = 3;
    int promotedTimeline;
    long freeBytes = -1;
    Lsn position = new Lsn(0x3000000);
    @Nullable HostPort upstream = address(ONE);
    boolean streaming = true;
    final List<Standby> replication = new ArrayList<>();
    final Set<String> slots = Set.of();

    LeaseState lease = LeaseState.NONE;
    @Nullable String task;
    Tags tags = Tags.NONE;
    boolean watchdogFailed;

    long leaderAbsentSince;
    @Nullable PeerPoll peers;
    long raceAfter;
    long workAfter;
    long fencedEpoch;
    int crashes;
    long started = NOW - 500 * SECOND;
    long notStreamingSince;
    long promiseUntil;
    boolean failsafeActive;
    boolean pausedInMemory;
    @Nullable ClusterRecovery recovery;
    String stuck = "";
    long adoptUntil;
    boolean mayBootstrap = true;
    boolean stopping;
    String rebuiltFor = "";

    Situation() {
        members.put(ONE, member(ONE, MemberRole.PRIMARY, "running"));
        members.put(TWO, member(TWO, MemberRole.REPLICA, "running"));
        members.put(THREE, member(THREE, MemberRole.REPLICA, "running"));
    }

    /** The primary {@code pg-1} with a good lease. */
    static Situation leader() {
        Situation s = new Situation();
        s.self = ONE;
        s.inRecovery = false;
        s.control = ControlState.IN_PRODUCTION;
        s.upstream = null;
        s.streaming = false;
        s.lease = new LeaseState(true, 3, NOW + 5 * SECOND);
        s.replication.add(standby("pg-2", "streaming", s.position));
        s.replication.add(standby("pg-3", "streaming", s.position));
        return s;
    }

    /** The standby {@code pg-2} after the leader key ran out. */
    static Situation leaderless() {
        Situation s = new Situation();
        s.leader = null;
        s.leaderAbsentSince = NOW - SECOND;
        s.streaming = false;
        return s;
    }

    static HostPort address(MemberName name) {
        return new HostPort(name.value(), 5432);
    }

    static Member member(MemberName name, MemberRole role, String state) {
        return member(name, role, state, Tags.NONE);
    }

    static Member member(MemberName name, MemberRole role, String state, Tags tags) {
        return member(name, role, state, tags, Lsn.NONE, 3);
    }

    /** A standby that has told how much WAL it has. */
    static Member member(
            MemberName name, MemberRole role, String state, Lsn position, int timeline) {
        return member(name, role, state, Tags.NONE, position, timeline);
    }

    private static Member member(
            MemberName name, MemberRole role, String state, Tags tags, Lsn position, int timeline) {
        return new Member(
                name,
                address(name),
                "http://" + name + ":8008/patroni",
                role,
                state,
                "pgnode-0.1.0",
                tags,
                position,
                Lsn.NONE,
                Lsn.NONE,
                timeline,
                "",
                Map.of(),
                "",
                false,
                1,
                1);
    }

    /** A history whose last switch, to {@code timeline}, was made by {@code leader}. */
    static TimelineHistory begunBy(MemberName leader, int timeline) {
        return new TimelineHistory(
                List.of(
                        new TimelineHistory.Entry(
                                timeline - 1, new Lsn(0x2000000), "", "", leader.value())),
                1);
    }

    static Standby standby(String name, String state, Lsn flushed) {
        return standby(name, state, "async", flushed);
    }

    static Standby standby(String name, String state, String syncState, Lsn flushed) {
        return new Standby(
                name,
                "",
                "",
                state,
                syncState,
                syncState.equals("async") ? 0 : 1,
                flushed,
                flushed,
                flushed,
                flushed);
    }

    static PeerAnswer peer(MemberName name, int timeline, Lsn position) {
        return new PeerAnswer(
                name, true, false, false, true, timeline, position, false, 1, false, "running",
                true);
    }

    void polled(PeerAnswer... answers) {
        peers = new PeerPoll(NOW - SECOND / 4, List.of(answers));
    }

    ClusterView view() {
        DynamicConfig d = DynamicConfig.DEFAULT;
        DynamicConfig config =
                new DynamicConfig(
                        d.ttl(),
                        d.loopWait(),
                        d.retryTimeout(),
                        d.maximumLagOnFailover(),
                        d.maximumLagOnSyncnode(),
                        d.checkTimeline(),
                        primaryStartTimeout,
                        d.primaryStopTimeout(),
                        syncMode,
                        strict,
                        syncNodes,
                        failsafeMode,
                        paused,
                        d.maxTimelinesHistory(),
                        d.usePgRewind(),
                        d.useSlots(),
                        d.removeDataDirectoryOnRewindFailure(),
                        d.removeDataDirectoryOnDivergedTimelines(),
                        d.parameters(),
                        d.pgHba(),
                        d.pgIdent(),
                        "{}",
                        1);
        return new ClusterView(
                100,
                leader,
                epoch,
                members,
                config,
                initialize,
                new ClusterStatus(optime, Map.of(), List.of()),
                sync,
                switchover,
                history,
                failsafe,
                handoff,
                TimelineClaim.NONE,
                suspension,
                recovery,
                List.of());
    }

    InstanceView instance() {
        return new InstanceView(
                data,
                process,
                control,
                data == DataState.VALID ? systemId : "",
                150018,
                1,
                answers,
                inRecovery,
                timeline,
                position,
                inRecovery ? position : Lsn.NONE,
                inRecovery ? position : Lsn.NONE,
                0,
                position,
                timeline,
                promotedTimeline,
                false,
                upstream,
                streaming,
                replication,
                slots,
                "",
                Map.of(),
                freeBytes,
                "/data/pg_wal");
    }

    LocalState local() {
        return new LocalState(
                self,
                tags,
                instance(),
                lease,
                task,
                watchdogFailed,
                new HaMemory(
                        leaderAbsentSince,
                        peers,
                        raceAfter,
                        workAfter,
                        fencedEpoch,
                        crashes,
                        started,
                        notStreamingSince,
                        promiseUntil,
                        failsafeActive,
                        pausedInMemory,
                        stuck,
                        adoptUntil,
                        mayBootstrap,
                        stopping,
                        rebuiltFor));
    }

    HaDecision decide() {
        return HaPolicy.decide(view(), local(), NOW, WALL_CLOCK);
    }

    HaDecision decideBlind() {
        return HaPolicy.decide(null, local(), NOW, WALL_CLOCK);
    }
}
