package io.pgnode.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
}
