package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Checker;
import io.pgnode.testing.ClusterMember;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Members that come back: with a diverged history, with no data at all, or twice. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class RejoinTest extends ClusterScenarios {
    @Override
    PgnodeCluster build() {
        return new PgnodeCluster(3, "fast", PgnodeCluster.SYNCHRONOUS);
    }

    @Test
    void divergedOldPrimaryLosesItsOwnHistoryAndStreamsAgain() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            cluster().killNode(old);
            Waiting.until(
                    FAILOVER.multipliedBy(2),
                    () -> "a new primary\n" + cluster().diagnostics(),
                    () -> cluster().primary().isPresent());
            cluster()
                    .divergeStoppedNode(
                            old, "create table diverged as select generate_series(1, 100000) as n");

            cluster().startNode(old);

            Checker.verify(cluster(), probe, Duration.ofMinutes(2));
            assertThat(answer(old, "select to_regclass('diverged') is null")).isEqualTo("t");
        }
    }

    @Test
    @Tag("soak")
    void memberWithoutDataIsCloned() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int standby = standby();
            cluster().stopNode(standby);
            cluster().deleteData(standby);

            cluster().startNode(standby);

            Checker.verify(cluster(), probe, Duration.ofMinutes(2));
        }
    }

    @Test
    void secondInstanceWithTheSameNameRefusesToStart() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int standby = standby();
            Optional<OsProcess> first = cluster().supervisor(standby);
            Path log = cluster().dataDir(standby).resolve("../../second.log").normalize();

            int exitCode = cluster().runSecondInstance(standby, log, Duration.ofSeconds(30));

            assertThat(exitCode).isNotZero();
            assertThat(Files.readString(log)).isNotBlank();
            assertThat(cluster().supervisor(standby)).isEqualTo(first);
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void standbyOfAnotherClusterIsRefused() throws Exception {
        try (var other = new PgnodeCluster(1, "fast", PgnodeCluster.ASYNCHRONOUS);
                WriteProbe probe = startProbe()) {
            other.start();
            other.stopNode(0);
            int standby = standby();
            cluster().stopNode(standby);
            cluster().deleteData(standby);
            copy(other.dataDir(0), cluster().dataDir(standby));

            cluster().startNode(standby);
            Waiting.pause(2 * LEASE_MILLIS);

            assertThat(cluster().members().stream().filter(ClusterMember::isUp)).hasSizeLessThan(3);
            assertThat(cluster().dataDir(standby).resolve("PG_VERSION")).exists();
            cluster().stopNode(standby);
            cluster().deleteData(standby);
            cluster().startNode(standby);
            Checker.verify(cluster(), probe, Duration.ofMinutes(2));
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        assertThat(
                        new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                                .inheritIO()
                                .start()
                                .waitFor())
                .isZero();
    }

    private String answer(int node, String query) throws SQLException {
        try (var connection = cluster().connect(node);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getString(1) + "" : "";
        }
    }
}
