package io.pgnode.cli.view;

import static io.pgnode.cli.view.SampleViews.N1;
import static io.pgnode.cli.view.SampleViews.N2;
import static io.pgnode.cli.view.SampleViews.member;
import static io.pgnode.cli.view.SampleViews.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.model.Lsn;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterChangesTest {
    private static final Member PRIMARY =
            member(N1, 15432, MemberRole.PRIMARY, "running", 64, 1, Map.of());
    private static final Member STANDBY =
            member(N2, 25432, MemberRole.REPLICA, "streaming", 64, 1, Map.of());
    private static final ClusterView QUIET = view(N1, "{}", null, List.of(PRIMARY, STANDBY));

    private static ClusterView handedOver() {
        ClusterView gone = view(null, "{}", null, List.of(PRIMARY, STANDBY));
        return new ClusterView(
                gone.revision(),
                null,
                gone.epoch(),
                gone.members(),
                gone.config(),
                gone.initialize(),
                gone.status(),
                gone.sync(),
                null,
                gone.history(),
                gone.failsafe(),
                new Handoff(N1, N2, 3, Lsn.parse("0/5000028"), "switchover"),
                TimelineClaim.NONE,
                Suspension.NONE,
                null,
                List.of());
    }

    @Test
    void saysNothingWhenNothingHappened() {
        assertThat(ClusterChanges.between(QUIET, QUIET)).isEmpty();
    }

    @Test
    void tellsASwitchoverStepByStep() {
        ClusterView asked =
                view(N1, "{}", new SwitchoverRequest(N1, N2, null, 1), List.of(PRIMARY, STANDBY));
        Member promoted = member(N2, 25432, MemberRole.PRIMARY, "running", 64, 2, Map.of());
        ClusterView led = view(N2, "{}", null, List.of(PRIMARY, STANDBY));
        ClusterView done = view(N2, "{}", null, List.of(PRIMARY, promoted));

        assertThat(ClusterChanges.between(QUIET, asked))
                .containsExactly("switchover to pg-test-2 is requested");
        assertThat(ClusterChanges.between(asked, handedOver()))
                .containsExactly(
                        "pg-test-1 has shut down cleanly at 0/5000028 and hands over to pg-test-2",
                        "pg-test-1 has released the leader key");
        assertThat(ClusterChanges.between(handedOver(), led))
                .containsExactly("pg-test-2 holds the leader key, epoch 3");
        assertThat(ClusterChanges.between(led, done))
                .containsExactly("pg-test-2 is primary on timeline 2");
    }

    @Test
    void doesNotCallAnExpiredKeyReleased() {
        ClusterView expired = view(null, "{}", null, List.of(PRIMARY, STANDBY));

        assertThat(ClusterChanges.between(QUIET, expired))
                .containsExactly("the leader key of pg-test-1 is gone");
    }

    @Test
    void tellsWhoComesAndGoesAndInWhichState() {
        Member stopped = member(N2, 25432, MemberRole.REPLICA, "stopped", 64, 1, Map.of());
        ClusterView alone = view(N1, "{}", null, List.of(PRIMARY));

        assertThat(ClusterChanges.between(QUIET, alone))
                .containsExactly("pg-test-2 has left the cluster");
        assertThat(ClusterChanges.between(alone, QUIET))
                .containsExactly("pg-test-2 has joined the cluster: streaming");
        assertThat(ClusterChanges.between(QUIET, view(N1, "{}", null, List.of(PRIMARY, stopped))))
                .containsExactly("pg-test-2 is stopped");
    }
}
