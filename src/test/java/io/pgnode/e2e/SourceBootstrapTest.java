package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.ClusterMember;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Waiting;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A new cluster begins with the backups of another one, which goes on. */
@Tag("e2e")
@Tag("soak")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class SourceBootstrapTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    @TempDir static Path first;
    @TempDir static Path second;

    @Test
    void aNewClusterBeginsWithAnothersBackup() throws Exception {
        try (PgnodeCluster source =
                        new PgnodeCluster(1, "fast", PgnodeCluster.ASYNCHRONOUS)
                                .withRepository(first);
                PgnodeCluster copy =
                        new PgnodeCluster(2, "fast", PgnodeCluster.ASYNCHRONOUS)
                                .withRepository(second)
                                .withSource(first, "here")) {
            source.start();
            awaitBackup(source);
            sql(source, "CREATE TABLE ledger AS SELECT generate_series(1, 50) AS i");
            sql(source, "SELECT pg_create_restore_point('here')");
            sql(source, "INSERT INTO ledger VALUES (51)");
            String segment = sql(source, "SELECT pg_walfile_name(pg_switch_wal())");
            Waiting.until(
                    LIMIT,
                    () -> segment + " is archived\n" + source.diagnostics(),
                    () ->
                            sql(
                                            source,
                                            "SELECT last_archived_wal >= '"
                                                    + segment
                                                    + "' FROM pg_stat_archiver")
                                    .equals("t"));

            copy.start();
            copy.awaitHealthy(LIMIT);

            String systemId = sql(source, "SELECT system_identifier FROM pg_control_system()");
            assertThat(sql(copy, "SELECT system_identifier FROM pg_control_system()"))
                    .isEqualTo(systemId);
            assertThat(copy.etcd().get(copy.keyPrefix() + "initialize")).contains(systemId);
            assertThat(sql(copy, "SELECT count(*) FROM ledger")).isEqualTo("50");
            assertThat(copy.members()).extracting(ClusterMember::timeline).containsOnly(2L);
            awaitBackup(copy);
            sql(copy, "INSERT INTO ledger VALUES (100)");
            assertThat(sql(source, "SELECT max(i) FROM ledger")).isEqualTo("51");
            assertThat(source.run(0, LIMIT, "backup", "check").must()).contains("repo1");
        }
    }

    private static void awaitBackup(PgnodeCluster cluster) {
        Waiting.until(
                LIMIT,
                () -> "the first backup is there\n" + cluster.diagnostics(),
                () ->
                        cluster.run(0, LIMIT, "backup", "info", "-o", "json")
                                .out()
                                .contains("\"label\""));
    }

    private static String sql(PgnodeCluster cluster, String statement) {
        try (var connection = cluster.connect(cluster.primary().orElseThrow());
                var open = connection.createStatement()) {
            if (!open.execute(statement)) {
                return "";
            }
            try (var rows = open.getResultSet()) {
                return rows.next() ? rows.getString(1) + "" : "";
            }
        } catch (SQLException e) {
            throw new AssertionError(statement, e);
        }
    }
}
