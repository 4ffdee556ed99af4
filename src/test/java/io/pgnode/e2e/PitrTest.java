package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.ClusterMember;
import io.pgnode.testing.Outcome;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The whole cluster goes back in time, on real servers and a real repository. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class PitrTest extends ClusterScenarios {
    private static final Duration BACKUP = Duration.ofMinutes(2);
    private static final Duration RECOVERY = Duration.ofMinutes(4);
    private static final int KEPT = 50;

    @TempDir static Path repository;

    @Override
    PgnodeCluster build() {
        return new PgnodeCluster(3, "fast", PgnodeCluster.ASYNCHRONOUS)
                .withRepository(repository)
                .withReplicaMethods("repository, basebackup");
    }

    @Test
    void aMemberWithoutDataComesFromTheRepository() throws Exception {
        awaitFirstBackup();
        sql("CREATE TABLE made AS SELECT 1 AS i");
        int standby = standby();
        cluster().stopNode(standby);
        cluster().deleteData(standby);
        long before = restored(standby);
        cluster().startNode(standby);
        cluster().awaitHealthy(RECOVERY);
        Waiting.until(
                HEALTHY,
                () -> "the new replica follows\n" + cluster().diagnostics(),
                () -> has(standby, "made"));
        assertThat(restored(standby)).isEqualTo(before + 1);
        assertThat(cluster().log(standby)).doesNotContain("replica creation failed");
        sql("DROP TABLE made");
    }

    private long restored(int node) {
        return cluster()
                .log(node)
                .lines()
                .filter(line -> line.contains("replica from the repository"))
                .count();
    }

    @Test
    void everyMemberGoesBackAndAgainWhileAgentsDie() throws Exception {
        awaitFirstBackup();
        sql("CREATE TABLE ledger (i int)");
        sql("INSERT INTO ledger SELECT generate_series(1, " + KEPT + ")");
        String target = answer(primary(), "SELECT clock_timestamp()");
        sql("INSERT INTO ledger SELECT generate_series(101, 200)");
        sql("CHECKPOINT");
        String systemId = answer(primary(), "SELECT system_identifier FROM pg_control_system()");

        long before = timeline();
        assertThat(recoverTo(target).must()).contains("is recovered, on timeline");
        checkMembers(before, systemId);
        // The others took from their own data what had not changed.
        for (int node = 0; node < cluster().size(); node++) {
            if (node != primary()) {
                assertThat(cluster().log(node)).contains("reuses_data=true");
            }
        }

        // From the same point once more: nothing of the first attempt is in the way.
        sql("INSERT INTO ledger SELECT generate_series(301, 400)");
        long again = timeline();
        int leader = primary();
        CompletableFuture<Outcome> running = CompletableFuture.supplyAsync(() -> recoverTo(target));
        Waiting.until(
                RECOVERY,
                () -> "the restore begins\n" + cluster().diagnostics(),
                () ->
                        cluster()
                                .etcd()
                                .get(cluster().keyPrefix() + "pgnode/recovery")
                                .filter(recovery -> recovery.contains("\"restore\""))
                                .isPresent());
        cluster().signalAgent(leader, Signal.KILL);
        assertThat(running.get().must()).contains("is recovered, on timeline");
        checkMembers(again, systemId);

        // What is to be restored next does not have to replay over the recovery.
        Waiting.until(
                BACKUP,
                () -> "a full backup is made\n" + cluster().diagnostics(),
                () ->
                        cluster()
                                .etcd()
                                .get(cluster().keyPrefix() + "pgnode/backup/wanted")
                                .isEmpty());
        assertThat(
                        cluster()
                                .run(primary(), BACKUP, "backup", "info", "-o", "json")
                                .must()
                                .split("\"type\":\"full\"", -1))
                .hasSizeGreaterThan(2);
    }

    private Outcome recoverTo(String target) {
        return cluster()
                .run(primary(), RECOVERY, "pitr", "--type=time", "--target=" + target, "--force");
    }

    private void awaitFirstBackup() {
        Waiting.until(
                BACKUP,
                () -> "the first backup is there\n" + cluster().diagnostics(),
                () ->
                        cluster()
                                .run(primary(), BACKUP, "backup", "info", "-o", "json")
                                .out()
                                .contains("\"label\""));
    }

    private void checkMembers(long before, String systemId) throws SQLException {
        cluster().awaitHealthy(RECOVERY);
        assertThat(timeline()).isGreaterThan(before);
        sql("CREATE TABLE after_" + timeline() + " AS SELECT 1 AS i");
        for (int node = 0; node < cluster().size(); node++) {
            int member = node;
            Waiting.until(
                    HEALTHY,
                    () -> cluster().memberName(member) + " follows\n" + cluster().diagnostics(),
                    () -> has(member, "after_" + timeline()));
            assertThat(answer(node, "SELECT count(*) || ' ' || max(i) FROM ledger"))
                    .as(cluster().memberName(node))
                    .isEqualTo(KEPT + " " + KEPT);
            assertThat(answer(node, "SELECT system_identifier FROM pg_control_system()"))
                    .isEqualTo(systemId);
        }
    }

    private boolean has(int node, String table) {
        try {
            return answer(node, "SELECT to_regclass('" + table + "') IS NOT NULL").equals("t");
        } catch (SQLException e) {
            return false;
        }
    }

    private long timeline() {
        return cluster().members().stream()
                .filter(ClusterMember::isLeader)
                .mapToLong(ClusterMember::timeline)
                .findFirst()
                .orElseThrow();
    }

    private void sql(String statement) throws SQLException {
        try (var connection = cluster().connect(primary());
                var open = connection.createStatement()) {
            open.execute(statement);
        }
    }

    private String answer(int node, String query) throws SQLException {
        try (var connection = cluster().connect(node);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getString(1) + "" : "";
        }
    }
}
