package io.pgnode.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SampleClusters;
import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.model.HostPort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final String LEADER = "pg-1";

    private static final class FakeFeed implements ClusterFeed {
        private @Nullable Consumer<ClusterSnapshot> receiver;

        @Override
        public void subscribe(Consumer<ClusterSnapshot> receiver) {
            this.receiver = receiver;
        }

        void give(long epoch, Duration lease) {
            Member member =
                    SampleClusters.member(
                            LEADER,
                            new HostPort("10.0.0.1", 5432),
                            MemberRole.PRIMARY,
                            "running",
                            0,
                            Map.of());
            ClusterView view = SampleClusters.view(1, LEADER, epoch, List.of(member));
            Consumer<ClusterSnapshot> to = receiver;
            if (to != null) {
                to.accept(new ClusterSnapshot(view, System.nanoTime() + lease.toNanos()));
            }
        }

        @Override
        public void close() {}
    }

    private static final class Recorder implements Router.Receiver {
        volatile List<ServerView> views = List.of();
        volatile @Nullable ServerAdmin admin;

        @Override
        public void servers(List<ServerView> now, Function<String, ServerAdmin> admins) {
            views = now;
            admin = admins.apply("pg-1");
        }

        @Nullable Condition condition() {
            return views.isEmpty() ? null : views.getFirst().condition();
        }
    }

    private final FakeFeed feed = new FakeFeed();
    private final FeedSource source = FeedSource.of(feed);
    private final Recorder recorder = new Recorder();
    private final ServiceSpec spec =
            ServiceSpec.of("p", 1, ServiceMode.TCP, RoleRule.PRIMARY, List.of());

    @Test
    void takesThePrimaryAwayAtTheDeadlineOfItsLease() {
        try (Router router = Router.start(source, System::nanoTime)) {
            router.add(spec, recorder);
            feed.give(3, Duration.ofMillis(700));
            await().untilAsserted(() -> assertThat(recorder.condition()).isEqualTo(Condition.UP));
            long deadline = source.validNanos(System.nanoTime()) + System.nanoTime();

            await().pollInterval(Duration.ofMillis(2))
                    .untilAsserted(
                            () -> assertThat(recorder.condition()).isEqualTo(Condition.DOWN));

            assertThat(System.nanoTime() - deadline).isLessThan(300_000_000L);
            feed.give(3, Duration.ofSeconds(60));
            await().untilAsserted(() -> assertThat(recorder.condition()).isEqualTo(Condition.UP));
        }
    }

    @Test
    void refusesSnapshotsOfALowerEpoch() {
        feed.give(3, Duration.ofSeconds(60));
        assertThat(source.servers(spec, System.nanoTime()).getFirst().why()).contains("epoch 3");

        feed.give(2, Duration.ofSeconds(60));
        assertThat(source.servers(spec, System.nanoTime()).getFirst().why()).contains("epoch 3");
    }

    @Test
    void keepsWhatOperatorsWant() {
        try (Router router = Router.start(source, System::nanoTime)) {
            router.change("p", "pg-1", admin -> admin.withState(AdminState.MAINT));
            router.add(spec, recorder);
            feed.give(3, Duration.ofSeconds(60));

            await().untilAsserted(
                            () ->
                                    assertThat(recorder.admin)
                                            .isEqualTo(
                                                    ServerAdmin.NONE.withState(AdminState.MAINT)));
        }
    }
}
