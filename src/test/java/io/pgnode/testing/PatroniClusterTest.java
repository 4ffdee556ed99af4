package io.pgnode.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The harness itself, tried on a product that is known: its checker must be able to fail. */
@Tag("soak")
@EnabledIf("io.pgnode.testing.PatroniCluster#isInstalled")
class PatroniClusterTest {
    @Test
    void switchoverKeepsEveryRow() throws Exception {
        try (var cluster = new PatroniCluster(3, PatroniCluster.Timing.DEFAULTS)) {
            cluster.start();
            try (var probe = WriteProbe.start(cluster)) {
                long before = System.nanoTime();
                int from = cluster.primary().orElseThrow();
                cluster.switchover(from, (from + 1) % 3);
                probe.awaitAckAfter(before, 2, Duration.ofSeconds(30));

                WriteHistory history = Checker.verify(cluster, probe);

                assertThat(history.newestTimeline()).isEqualTo(2);
                assertThat(history.longestGapNanos(before, System.nanoTime()))
                        .isGreaterThan(1_000_000_000L);
            }
        }
    }

    @Test
    void twoWritablePrimariesAfterTheAgentIsKilledAreFound() {
        try (var cluster = new PatroniCluster(3, PatroniCluster.Timing.FASTEST)) {
            cluster.start();
            try (var probe = WriteProbe.start(cluster)) {
                int old = cluster.primary().orElseThrow();
                long fault = System.nanoTime();
                cluster.signalAgent(old, Signal.KILL);
                Ack first = probe.awaitAckAfter(fault, 2, Duration.ofSeconds(60));
                probe.awaitAckAfter(first.ackNanos() + 1_000_000_000L, 2, Duration.ofSeconds(10));

                assertThat(probe.history().doubleWrites()).isNotEmpty();
            }
        }
    }

    @Test
    void divergedMemberIsMadeToFollowAgain() throws Exception {
        try (var cluster = new PatroniCluster(3, PatroniCluster.Timing.FASTEST)) {
            cluster.start();
            int old = cluster.primary().orElseThrow();
            try (var probe = WriteProbe.start(cluster)) {
                long fault = System.nanoTime();
                cluster.killNode(old);
                probe.awaitAckAfter(fault, 2, Duration.ofSeconds(60));
            }
            cluster.divergeStoppedNode(
                    old, "create table diverged as select generate_series(1, 100000) as n");

            cluster.startNode(old);

            cluster.awaitHealthy(Duration.ofSeconds(90));
            try (var connection = cluster.connect(old);
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery("select to_regclass('diverged') is null")) {
                assertThat(rows.next() && rows.getBoolean(1)).isTrue();
            }
        }
    }

    @Test
    @EnabledIf("io.pgnode.testing.Capabilities#network")
    void primaryCutOffFromEtcdIsReplaced() throws Exception {
        try (var lab = new NetworkLab();
                var cluster =
                        new PatroniCluster(
                                List.of(lab.add(), lab.add(), lab.add()),
                                lab.add(),
                                PatroniCluster.Timing.FASTEST)) {
            cluster.start();
            int old = cluster.primary().orElseThrow();
            try (var probe = WriteProbe.start(cluster)) {
                lab.cut(cluster.place(old), cluster.etcd().place());
                Ack first = probe.awaitAckAfter(System.nanoTime(), 2, Duration.ofSeconds(60));
                lab.healAll();

                assertThat(first.node()).isNotEqualTo(old);
                cluster.awaitHealthy(Duration.ofSeconds(90));
                Checker.assertNoDoubleWrites(cluster, probe.stop());
            }
        }
    }
}
