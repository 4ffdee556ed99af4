package io.pgnode.e2e;

import io.pgnode.testing.Capabilities;
import io.pgnode.testing.Checker;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Runner;
import io.pgnode.testing.SmallDisk;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteProbe;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The primary's data directory on a disk that fills up. */
@Tag("e2e")
@Tag("soak")
@EnabledIf("canRun")
class FullDiskTest {
    private static final int MEGABYTES = 400;

    static boolean canRun() {
        return Runner.isBuilt() && Capabilities.mount();
    }

    @Test
    void fullDiskLosesNothingAndServiceGoesOnWhenItIsFreed() throws Exception {
        try (var cluster = new PgnodeCluster(3, "fast", PgnodeCluster.SYNCHRONOUS)) {
            SmallDisk disk = cluster.mountSmallDisk(0, MEGABYTES);
            startWithPrimaryOnTheSmallDisk(cluster);
            try (WriteProbe probe = WriteProbe.start(cluster)) {
                disk.fill();
                writeMuch(cluster, 0);
                Waiting.pause(15_000);
                disk.free();

                probe.awaitAckAfter(System.nanoTime(), Duration.ofSeconds(60));
                Checker.verify(cluster, probe, Duration.ofMinutes(2));
            }
        }
    }

    /** Who is there first becomes the primary. */
    private static void startWithPrimaryOnTheSmallDisk(PgnodeCluster cluster) {
        cluster.startNode(0);
        Waiting.until(
                Duration.ofMinutes(1),
                () -> "a first primary\n" + cluster.diagnostics(),
                () -> cluster.primary().isPresent());
        cluster.startNode(1);
        cluster.startNode(2);
        cluster.awaitHealthy(Duration.ofMinutes(2));
    }

    /** Needs new segments of WAL, for which there is no room. */
    private static void writeMuch(PgnodeCluster cluster, int node) {
        for (int i = 0; i < 10; i++) {
            try (var connection = cluster.connect(node);
                    var statement = connection.createStatement()) {
                statement.execute(
                        "create table filler as select repeat('x', 1000) as t from generate_series(1, 500000)");
            } catch (SQLException e) {
                Waiting.pause(200);
            }
        }
    }
}
