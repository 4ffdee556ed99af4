package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView;
import io.pgnode.postgres.core.Divergence;
import io.pgnode.testing.RealPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two standbys of one primary begin timelines of the same number. */
class BranchedTimelineTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private RealPostgres primary;
    private RealPostgres one;
    private RealPostgres two;

    @BeforeEach
    void threeNodes() throws Exception {
        primary = RealPostgres.create("primary").bootstrap();
        primary.sql("CREATE TABLE t (i int)");
        one = RealPostgres.create("one").cloneOf(primary);
        two = RealPostgres.create("two").cloneOf(primary);
        awaitStreaming(one);
        awaitStreaming(two);
    }

    @AfterEach
    void remove() {
        primary.close();
        one.close();
        two.close();
    }

    @Test
    void aPromotionIsRememberedUntilTheDirectoryIsCopiedAnew() throws Exception {
        primary.instance().stop(StopMode.FAST, LIMIT);
        one.instance().promote(4, 0, LIMIT);
        two.instance().promote(5, 0, LIMIT);
        one.sql("INSERT INTO t VALUES (1)");
        two.sql("INSERT INTO t VALUES (2)");
        two.instance().kill();
        assertThat(two.instance().observe().beganItsTimeline()).isTrue();

        two.restartAgent();
        two.startStandbyOf(null);
        two.instance().probe(LIMIT);

        InstanceView view = two.instance().observe();
        assertThat(view.timeline()).isEqualTo(2);
        assertThat(view.wasPrimary()).isFalse();
        assertThat(view.promotedTimeline()).isEqualTo(2);
        assertThat(view.beganItsTimeline()).isTrue();
        // Nobody can see it from afar.
        one.instance().createSlot(two.slot());
        assertThat(two.instance().divergence(one.asUpstreamOf(two), LIMIT))
                .isEqualTo(new Divergence.None());

        two.instance().stop(StopMode.FAST, LIMIT);
        two.restartAgent();
        assertThat(two.instance().observe().beganItsTimeline()).isTrue();
        two.instance().moveAside("diverged");
        two.instance().cloneFrom(one.asUpstreamOf(two), _ -> {});
        two.startStandbyOf(one);
        awaitStreaming(two);
        assertThat(two.instance().observe().timeline()).isEqualTo(2);
        assertThat(two.instance().observe().beganItsTimeline()).isFalse();
        assertThat(two.restartAgent().observe().promotedTimeline()).isZero();
    }

    @Test
    void aPromotionThatNeverHappenedIsForgotten() throws Exception {
        PromotionMarker marker = new PromotionMarker(new DataDirectory(two.settings()));
        marker.begin(two.instance().observe().systemId(), 1, 9);
        two.instance().kill();
        two.restartAgent();
        two.startStandbyOf(primary);
        awaitStreaming(two);
        primary.instance().stop(StopMode.FAST, LIMIT);
        one.instance().promote(LIMIT);
        one.instance().createSlot(two.slot());
        two.instance().follow(one.asUpstreamOf(two));
        awaitStreaming(two);
        assertThat(two.instance().observe().timeline()).isEqualTo(2);
        assertThat(two.instance().observe().beganItsTimeline()).isFalse();
    }

    @Test
    void aPromotionWhoseAgentDiedIsFoundByTheNext() throws Exception {
        primary.instance().stop(StopMode.FAST, LIMIT);
        PromotionMarker marker = new PromotionMarker(new DataDirectory(two.settings()));
        marker.begin(two.instance().observe().systemId(), 1, 9);
        two.sql("SELECT pg_promote(true)");
        two.instance().kill();
        two.restartAgent();
        two.startStandbyOf(null);
        assertThat(two.instance().observe().promotedTimeline()).isEqualTo(2);
    }

    @Test
    void timelinesThatBeginElsewhereAreToldApart() throws Exception {
        two.instance().stop(StopMode.FAST, LIMIT);
        primary.sql("INSERT INTO t VALUES (1)");
        primary.instance().stop(StopMode.FAST, LIMIT);
        one.instance().promote(LIMIT);
        one.instance().createSlot(two.slot());
        two.startStandbyOf(null);
        two.instance().promote(LIMIT);
        two.instance().kill();
        two.startStandbyOf(null);
        assertThat(two.instance().divergence(one.asUpstreamOf(two), LIMIT).toString())
                .contains("timeline 2 begins at");
    }

    private static void awaitStreaming(RealPostgres standby) {
        await().until(
                        () -> {
                            standby.instance().probe(LIMIT);
                            return standby.instance().observe().streaming();
                        });
    }
}
