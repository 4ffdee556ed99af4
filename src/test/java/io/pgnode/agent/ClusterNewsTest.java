package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SampleClusters;
import io.pgnode.ha.LeaseState;
import io.pgnode.model.HostPort;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterNewsTest {
    private static final MemberName SELF = new MemberName("a");
    private static final MemberName OTHER = new MemberName("b");
    private static final long NOW = 1_000;
    private static final long TRUSTED_UNTIL = 5_000;

    private final ClusterNews news = new ClusterNews(SELF);
    private final List<ClusterSnapshot> told = new ArrayList<>();

    @BeforeEach
    void listen() {
        news.giveTo(told::add);
    }

    private static Member member(MemberName name, MemberRole role) {
        return SampleClusters.member(
                name.value(), new HostPort("10.0.0.1", 5432), role, "running", 0, Map.of());
    }

    private static ClusterView view(long revision, MemberName leader) {
        return SampleClusters.view(
                revision,
                leader.value(),
                7,
                List.of(member(SELF, MemberRole.REPLICA), member(OTHER, MemberRole.REPLICA)));
    }

    private void see(ClusterView view, LeaseState lease, boolean isOver) {
        news.view(view, member(SELF, MemberRole.PRIMARY), TRUSTED_UNTIL, lease, isOver, NOW);
    }

    private static LeaseState until(long deadline) {
        return new LeaseState(true, 7, deadline);
    }

    private List<Long> deadlines() {
        return told.stream().map(ClusterSnapshot::leaseDeadlineNanos).toList();
    }

    @Test
    void aLeadersDeadlineIsThatOfItsLeaseAndEachRenewalMovesIt() {
        see(view(1, SELF), until(3_000), false);
        news.lease(until(4_000), NOW);
        news.lease(until(4_500), NOW);

        assertThat(deadlines()).containsExactly(3_000L, 4_000L, 4_500L);
    }

    @Test
    void aLostLeaseEndsAtOnce() {
        see(view(1, SELF), until(3_000), false);
        news.lease(LeaseState.NONE, 1_234);
        see(view(2, SELF), LeaseState.NONE, true);

        assertThat(deadlines()).containsExactly(3_000L, 1_234L, NOW);
    }

    @Test
    void aLeaseFromBeforeThisProcessIsNotSpokenOfUntilItIsTakenUp() {
        see(view(1, SELF), LeaseState.NONE, false);
        assertThat(told).isEmpty();
        see(view(1, SELF), until(3_000), false);

        assertThat(deadlines()).containsExactly(3_000L);
    }

    @Test
    void anotherLeaderIsTrustedForAsLongAsItWasSeen() {
        see(view(1, OTHER), LeaseState.NONE, true);
        news.lease(until(9_000), NOW);

        assertThat(deadlines()).containsExactly(TRUSTED_UNTIL);
    }

    @Test
    void ourOwnMemberIsAsItIsAndNotAsItsKeyStillSays() {
        see(view(1, SELF), until(3_000), false);

        assertThat(told.getFirst().view().members().get(SELF))
                .isEqualTo(member(SELF, MemberRole.PRIMARY));
        assertThat(told.getFirst().view().members().get(OTHER))
                .isEqualTo(member(OTHER, MemberRole.REPLICA));
    }

    @Test
    void nothingIsToldTwiceAndNothingBeforeTheFirstView() {
        news.lease(until(3_000), NOW);
        see(ClusterView.EMPTY, until(3_000), false);
        assertThat(told).isEmpty();
        see(view(1, SELF), until(3_000), false);
        see(view(1, SELF), until(3_000), false);

        assertThat(told).hasSize(1);
    }
}
