package io.pgnode.dcs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.dcs.embedded.Bytes;
import io.pgnode.dcs.embedded.KvState;
import io.pgnode.dcs.embedded.KvTxn;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClusterStoreTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Duration TTL = Duration.ofSeconds(5);
    private static final MemberName ONE = new MemberName("pg-test-1");
    private static final MemberName TWO = new MemberName("pg-test-2");

    private final SimulatedTime time = new SimulatedTime();
    private final FakeDcsServer server =
            new FakeDcsServer(new KvState(100, KvState.DEFAULT_HISTORY), time::nowNanos);
    private final ClusterStore store =
            new ClusterStore(
                    new FakeDcs(server, time), "/service/", "pg-test", TIMEOUT, time::after);

    private <T extends @Nullable Object> T get(CompletableFuture<T> future) {
        time.advance(Duration.ofMillis(10));
        if (!future.isDone()) {
            time.advance(TIMEOUT);
        }
        return future.join();
    }

    private void put(String name, String value) {
        var _ =
                server.execute(
                        () ->
                                server.state()
                                        .apply(
                                                KvTxn.of(
                                                        new KvTxn.Op.Put(
                                                                Bytes.utf8(
                                                                        "/service/pg-test/" + name),
                                                                Bytes.utf8(value),
                                                                0L))));
    }

    private long lead(MemberName name) {
        long lease = get(store.grantLease(TTL));
        Long epoch = get(store.acquireLeader(name, lease, get(store.read())));
        assertThat(epoch).isNotNull();
        return lease;
    }

    @Test
    void acquiringTheLeaderKeyRaisesTheEpoch() {
        long lease = lead(ONE);

        ClusterView view = get(store.read());
        assertThat(view.isLeader(ONE)).isTrue();
        assertThat(view.epoch()).isEqualTo(1);
        assertThat(requireNonNull(view.leader()).leaseId()).isEqualTo(lease);
        assertThat(view.problems()).isEmpty();

        get(store.revokeLease(lease));
        lead(TWO);
        assertThat(get(store.read()).epoch()).isEqualTo(2);
    }

    @Test
    void onlyOneOfTwoThatSawTheSameViewBecomesLeader() {
        ClusterView seen = get(store.read());
        long first = get(store.grantLease(TTL));
        long second = get(store.grantLease(TTL));

        CompletableFuture<@Nullable Long> one = store.acquireLeader(ONE, first, seen);
        CompletableFuture<@Nullable Long> two = store.acquireLeader(TWO, second, seen);

        assertThat(get(one)).isEqualTo(1L);
        assertThat(get(two)).isNull();
    }

    @Test
    void staleViewCannotAcquireAfterAnotherTermHasPassed() {
        ClusterView seen = get(store.read());
        get(store.revokeLease(lead(ONE)));

        long lease = get(store.grantLease(TTL));
        assertThat(get(store.acquireLeader(TWO, lease, seen))).isNull();
        assertThat(get(store.acquireLeader(TWO, lease, get(store.read())))).isEqualTo(2L);
    }

    @Test
    void viewWithAnOlderSyncKeyCannotAcquire() {
        put("sync", "{\"leader\":\"pg-test-1\",\"sync_standby\":\"pg-test-2\"}");
        ClusterView seen = get(store.read());
        put("sync", "{\"leader\":\"pg-test-1\",\"sync_standby\":\"pg-test-3\"}");

        long lease = get(store.grantLease(TTL));
        assertThat(get(store.acquireLeader(TWO, lease, seen))).isNull();
    }

    @Test
    void lostReplyOfAnAcquisitionIsUnknownAndResolvedByReading() {
        ClusterView seen = get(store.read());
        long lease = get(store.grantLease(TTL));
        time.losesReplies(true);
        CompletableFuture<@Nullable Long> acquired = store.acquireLeader(ONE, lease, seen);

        assertThatThrownBy(() -> get(acquired))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        DcsException.class,
                        e -> assertThat(e.kind()).isEqualTo(DcsException.Kind.UNKNOWN));

        time.losesReplies(false);
        ClusterView now = get(store.read());
        assertThat(now.isLeader(ONE)).isTrue();
        assertThat(requireNonNull(now.leader()).leaseId()).isEqualTo(lease);
        assertThat(now.epoch()).isEqualTo(seen.epoch() + 1);
    }

    @Test
    void formerLeaderWritesNothing() {
        get(store.revokeLease(lead(ONE)));
        lead(TWO);
        ClusterView before = get(store.read());

        assertThat(get(store.writeStatus(ONE, 1, ClusterStatus.NONE))).isFalse();
        assertThat(get(store.writeSync(ONE, 1, Set.of(TWO), 0, 0))).isFalse();
        assertThat(get(store.deleteSync(ONE, 1, 0))).isFalse();
        assertThat(get(store.writeHistory(ONE, 1, TimelineHistory.NONE))).isFalse();
        assertThat(get(store.writeFailsafe(ONE, 1, Map.of()))).isFalse();
        assertThat(get(store.releaseLeader(ONE, 1, null, false))).isFalse();
        // The name is right, the epoch is of an earlier term:
        assertThat(get(store.writeStatus(TWO, 1, ClusterStatus.NONE))).isFalse();
        assertThat(get(store.read()).revision()).isEqualTo(before.revision());
    }

    @Test
    void leaderKeysReadBackAsWritten() {
        lead(ONE);
        ClusterStatus status =
                new ClusterStatus(
                        Lsn.parse("0/3000148"),
                        Map.of("pg_test_2", Lsn.parse("FFFFFFFF/0")),
                        List.of("pg_test_9"));
        TimelineHistory history =
                new TimelineHistory(
                        List.of(
                                new TimelineHistory.Entry(
                                        1,
                                        Lsn.parse("0/3000000"),
                                        "no recovery target specified",
                                        "2026-01-02T03:04:05+00:00",
                                        "pg-test-1")),
                        0);

        assertThat(get(store.writeStatus(ONE, 1, status))).isTrue();
        assertThat(get(store.writeSync(ONE, 1, Set.of(TWO), 0, 0))).isTrue();
        assertThat(get(store.writeHistory(ONE, 1, history))).isTrue();
        assertThat(get(store.writeFailsafe(ONE, 1, Map.of(ONE, "http://h:8008/patroni")))).isTrue();

        ClusterView view = get(store.read());
        assertThat(view.problems()).isEmpty();
        assertThat(view.status()).isEqualTo(status);
        assertThat(view.sync().leader()).isEqualTo(ONE);
        assertThat(view.sync().standbys()).containsExactly(TWO);
        assertThat(view.history().entries()).isEqualTo(history.entries());
        assertThat(view.failsafe()).containsExactly(Map.entry(ONE, "http://h:8008/patroni"));

        assertThat(get(store.writeSync(ONE, 1, Set.of(), 0, 0))).isFalse();
        assertThat(get(store.writeSync(ONE, 1, Set.of(), 0, view.sync().modRevision()))).isTrue();
    }

    @Test
    void releaseLeavesAHandoffThatTheNextLeaderRemoves() {
        lead(ONE);
        Handoff handoff = new Handoff(ONE, TWO, 1, Lsn.parse("0/5000028"), "switchover");
        SwitchoverRequest request = new SwitchoverRequest(ONE, TWO, null, 0);
        assertThat(get(store.writeSwitchover(request, 0))).isTrue();

        assertThat(get(store.releaseLeader(ONE, 1, handoff, true))).isTrue();

        ClusterView view = get(store.read());
        assertThat(view.leader()).isNull();
        assertThat(view.handoff()).isEqualTo(handoff);
        assertThat(view.switchover()).isNull();
        lead(TWO);
        assertThat(get(store.read()).handoff()).isNull();
    }

    @Test
    void nobodyLeadsByAViewFromBeforeTheSuspension() {
        lead(ONE);
        ClusterView before = get(store.read());
        assertThat(get(store.writeSuspension(TWO, 1))).isFalse();
        assertThat(get(store.writeSuspension(ONE, 1))).isTrue();
        time.advance(TTL);

        long lease = get(store.grantLease(TTL));
        assertThat(get(store.acquireLeader(TWO, lease, before))).isNull();

        ClusterView after = get(store.read());
        assertThat(after.leader()).isNull();
        assertThat(after.suspension())
                .isEqualTo(new Suspension(ONE, 1, after.suspension().modRevision()));
        // Who decides by the newest view decides for itself, and ends it.
        assertThat(get(store.acquireLeader(TWO, lease, after))).isEqualTo(2L);
        assertThat(get(store.read()).suspension().exists()).isFalse();
    }

    @Test
    void aSuspensionOutlivesItsOwnMembersReturn() {
        lead(ONE);
        assertThat(get(store.writeSuspension(ONE, 1))).isTrue();
        Suspension first = get(store.read()).suspension();
        time.advance(TTL);

        assertThat(get(store.acquireLeader(ONE, get(store.grantLease(TTL)), get(store.read()))))
                .isEqualTo(2L);
        assertThat(get(store.read()).suspension()).isEqualTo(first);

        // A deletion from before does not meet what is written anew.
        assertThat(get(store.writeSuspension(ONE, 2))).isTrue();
        assertThat(get(store.deleteSuspension(first.modRevision()))).isFalse();
        assertThat(get(store.releaseLeader(ONE, 2, null, false))).isTrue();
        assertThat(get(store.read()).suspension().exists()).isFalse();
    }

    @Test
    void anUnreadableSuspensionIsAgainstAll() {
        put("pgnode/suspension", "{}");

        ClusterView view = get(store.read());

        assertThat(view.problems()).hasSize(1).first().asString().contains("pgnode/suspension");
        assertThat(view.suspension().isAgainst(ONE)).isTrue();
        assertThat(view.suspension().isAgainst(TWO)).isTrue();
        assertThat(get(store.deleteSuspension(view.suspension().modRevision()))).isTrue();
    }

    @Test
    void noTwoPromotionsGetTheSameTimeline() {
        lead(ONE);
        ClusterView old = get(store.read());
        assertThat(get(store.claimTimeline(TWO, 1, 2, old.claim()))).isFalse();
        assertThat(get(store.claimTimeline(ONE, 1, 2, old.claim()))).isTrue();
        assertThat(get(store.claimTimeline(ONE, 1, 2, old.claim()))).isFalse();

        assertThat(get(store.releaseLeader(ONE, 1, null, false))).isTrue();
        lead(TWO);
        TimelineClaim claim = get(store.read()).claim();
        assertThat(claim.timeline()).isEqualTo(2);
        assertThat(claim.member()).isEqualTo(ONE);
        assertThat(claim.epoch()).isEqualTo(1);
        assertThat(get(store.claimTimeline(ONE, 1, 3, claim))).isFalse();
        assertThat(get(store.claimTimeline(TWO, 2, 2, old.claim()))).isFalse();
        assertThat(get(store.claimTimeline(TWO, 2, 3, claim))).isTrue();
    }

    @Test
    void anUnreadableClaimIsReplaced() {
        lead(ONE);
        put("pgnode/timeline", "{\"timeline\":-3}");
        ClusterView view = get(store.read());
        assertThat(view.problems()).hasSize(1).first().asString().contains("pgnode/timeline");
        assertThat(view.claim().timeline()).isZero();
        assertThat(get(store.claimTimeline(ONE, 1, 2, view.claim()))).isTrue();
        assertThat(get(store.read()).claim().timeline()).isEqualTo(2);
        assertThat(get(store.read()).problems()).isEmpty();
    }

    @Test
    void endOfTheLeaseRemovesLeaderAndMember() {
        long lease = lead(ONE);
        get(store.writeMember(ONE, "{\"state\":\"running\",\"role\":\"primary\"}", lease));
        assertThat(get(store.read()).leaderMember()).isNotNull();

        time.advance(TTL);

        ClusterView view = get(store.read());
        assertThat(view.leader()).isNull();
        assertThat(view.members()).isEmpty();
        assertThatThrownBy(() -> get(store.keepAlive(lease, TIMEOUT)))
                .cause()
                .isInstanceOfSatisfying(
                        DcsException.class,
                        e -> assertThat(e.kind()).isEqualTo(DcsException.Kind.LEASE_NOT_FOUND));
    }

    @Test
    void bootstrapKeyBelongsToItsLeaseUntilItIsFinished() {
        long mine = get(store.grantLease(TTL));
        long other = get(store.grantLease(TTL));

        assertThat(get(store.beginBootstrap(mine))).isTrue();
        assertThat(get(store.beginBootstrap(other))).isFalse();
        assertThat(get(store.finishBootstrap(other, "77"))).isFalse();
        assertThat(get(store.cancelBootstrap(other))).isFalse();
        assertThat(requireNonNull(get(store.read()).initialize()).isBootstrapping()).isTrue();

        assertThat(get(store.finishBootstrap(mine, "7444444444444444444"))).isTrue();
        assertThat(get(store.finishBootstrap(mine, "7444444444444444444"))).isTrue();
        assertThat(get(store.cancelBootstrap(mine))).isFalse();
        assertThat(requireNonNull(get(store.read()).initialize()).systemId())
                .isEqualTo("7444444444444444444");
        assertThat(requireNonNull(get(store.read()).initialize()).leaseId()).isZero();
    }

    @Test
    void bootstrapThatDiesFreesTheKey() {
        long lease = get(store.grantLease(TTL));
        get(store.beginBootstrap(lease));

        time.advance(TTL);

        assertThat(get(store.read()).initialize()).isNull();
    }

    @Test
    void configAndSwitchoverAreReplacedOnlyAtTheRevisionSeen() {
        assertThat(get(store.writeConfig("{\"ttl\":20}", 0))).isTrue();
        assertThat(get(store.writeConfig("{\"ttl\":21}", 0))).isFalse();
        long revision = requireNonNull(get(store.read()).config()).modRevision();
        assertThat(get(store.writeConfig("{\"ttl\":22}", revision))).isTrue();
        assertThat(requireNonNull(get(store.read()).config()).ttl())
                .isEqualTo(Duration.ofSeconds(22));

        Instant at = Instant.parse("2026-11-20T11:00:00Z");
        assertThat(get(store.writeSwitchover(new SwitchoverRequest(ONE, TWO, at, 0), 0))).isTrue();
        assertThat(get(store.writeSwitchover(null, 0))).isFalse();
        SwitchoverRequest request = requireNonNull(get(store.read()).switchover());
        assertThat(request.scheduledAt()).isEqualTo(at);
        assertThat(get(store.writeSwitchover(null, request.modRevision()))).isTrue();
        assertThat(get(store.read()).switchover()).isNull();
    }

    @Test
    void switchoverMayReplaceTheEmptyKeyThatPatroniLeaves() {
        put("failover", "{}");
        assertThat(get(store.read()).switchover()).isNull();

        assertThat(get(store.writeSwitchover(new SwitchoverRequest(ONE, TWO, null, 0), 0)))
                .isTrue();
        assertThat(get(store.read()).switchover()).isNotNull();
    }

    @Test
    void unreadableValuesBecomeProblemsNotFailures() {
        put("leader", "not a name!");
        put("members/pg-test-1", "{broken");
        put("members/bad name", "{}");
        put("pgnode/epoch", "-4");
        put("config", "[1]");
        put("sync", "7");
        put("history", "{\"a\":1}");
        put("failover", "\"x\"");
        put("failsafe", "{\"bad name\":1}");
        put("status", "\u0000\uffff");
        put("initialize", "xyz");
        put("pgnode/handoff", "{}");
        put("pgnode/timeline", "{\"timeline\":99999999999}");
        put("unknown", "anything");

        ClusterView view = get(store.read());

        assertThat(view.problems())
                .hasSize(13)
                .allMatch(p -> p.startsWith("key /service/pg-test/"));
        assertThat(view.leader()).isNull();
        assertThat(view.members()).isEmpty();
        assertThat(view.epoch()).isZero();
        put("pgnode/epoch", "4");
        assertThat(get(store.read()).problems()).hasSize(12);
    }

    @Test
    void watchSendsTheViewThenEveryChangeAndResumesAfterAnOutage() {
        List<ClusterView> views = new ArrayList<>();
        List<DcsException> interruptions = new ArrayList<>();
        ClusterStore.Subscription watch =
                store.watch(
                        new ClusterStore.Listener() {
                            @Override
                            public void onView(ClusterView view) {
                                views.add(view);
                            }

                            @Override
                            public void onInterrupted(DcsException why) {
                                interruptions.add(why);
                            }
                        });
        time.advance(TIMEOUT);
        assertThat(views).hasSize(1);

        lead(ONE);
        assertThat(views).hasSize(2);
        assertThat(views.getLast().isLeader(ONE)).isTrue();

        time.losesReplies(true);
        put("members/pg-test-1", "{\"role\":\"primary\"}");
        put("members/pg-test-2", "{\"role\":\"replica\"}");
        time.advance(Duration.ofSeconds(3));
        assertThat(interruptions).isNotEmpty();
        time.losesReplies(false);
        time.advance(Duration.ofSeconds(2));

        ClusterView last = views.getLast();
        assertThat(last.members().keySet()).containsExactly(ONE, TWO);
        assertThat(views.stream().map(ClusterView::revision).toList())
                .isSorted()
                .doesNotHaveDuplicates();
        watch.close();
        watch.close();
        int seen = views.size();
        put("members/pg-test-3", "{}");
        time.advance(Duration.ofSeconds(5));
        assertThat(views).hasSize(seen);
    }

    @Test
    void watchReadsAgainWhenItsHistoryIsGone() {
        List<ClusterView> views = new ArrayList<>();
        store.watch(
                new ClusterStore.Listener() {
                    @Override
                    public void onView(ClusterView view) {
                        views.add(view);
                    }

                    @Override
                    public void onInterrupted(DcsException why) {}
                });
        time.advance(TIMEOUT);
        time.losesReplies(true);
        put("members/pg-test-1", "{}");
        put("members/pg-test-2", "{}");
        server.state().compact(server.state().revision());
        time.losesReplies(false);

        time.advance(Duration.ofSeconds(3));

        assertThat(views.getLast().members()).hasSize(2);
        assertThat(views.getLast().revision()).isEqualTo(server.state().revision());
    }

    @Test
    void watchStartsWhenTheStoreComesBack() {
        time.losesRequests(true);
        List<ClusterView> views = new ArrayList<>();
        List<DcsException> interruptions = new ArrayList<>();
        store.watch(
                new ClusterStore.Listener() {
                    @Override
                    public void onView(ClusterView view) {
                        views.add(view);
                    }

                    @Override
                    public void onInterrupted(DcsException why) {
                        interruptions.add(why);
                    }
                });
        time.advance(Duration.ofSeconds(10));
        assertThat(views).isEmpty();
        assertThat(interruptions).hasSizeBetween(3, 20);

        time.losesRequests(false);
        time.advance(Duration.ofSeconds(3));
        assertThat(views).hasSize(1);
    }
}
