package io.pgnode.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The judgement at the end of every scenario: no two members accepted writes at the same time,
 * every row that was acknowledged is there, and every member has the primary's rows.
 */
public final class Checker {
    private static final Duration HEALTHY = Duration.ofSeconds(90);

    private Checker() {}

    /**
     * Stops the probe and judges; only for clusters in which an acknowledged commit may never be
     * lost.
     */
    public static WriteHistory verify(ClusterUnderTest cluster, WriteProbe probe)
            throws SQLException {
        return verify(cluster, probe, HEALTHY);
    }

    /** The same, with another limit for the time until all members are well again. */
    public static WriteHistory verify(ClusterUnderTest cluster, WriteProbe probe, Duration limit)
            throws SQLException {
        cluster.awaitHealthy(limit);
        WriteHistory history = probe.stop();
        assertNoDoubleWrites(cluster, history);
        Set<WriteHistory.Row> lost = lostRows(cluster, probe, history);
        assertThat(lost)
                .as(
                        "acknowledged rows that are lost, of %s\n%s",
                        history.countByNode(), cluster.diagnostics())
                .isEmpty();
        assertAllHaveTheSameRows(cluster, probe);
        return history;
    }

    public static void assertNoDoubleWrites(ClusterUnderTest cluster, WriteHistory history) {
        var doubles = history.doubleWrites();
        assertThat(doubles.size())
                .as(
                        "inserts on an old primary, first %s\n%s",
                        doubles.stream().findFirst(), cluster.diagnostics())
                .isZero();
    }

    /** Acknowledged rows that the present primary does not have. */
    public static Set<WriteHistory.Row> lostRows(
            ClusterUnderTest cluster, WriteProbe probe, WriteHistory history) throws SQLException {
        var lost = new HashSet<>(history.rows());
        lost.removeAll(probe.rowsOf(cluster.primary().orElseThrow()));
        return lost;
    }

    private static void assertAllHaveTheSameRows(ClusterUnderTest cluster, WriteProbe probe)
            throws SQLException {
        Set<WriteHistory.Row> wanted = probe.rowsOf(cluster.primary().orElseThrow());
        for (int node = 0; node < cluster.size(); node++) {
            int member = node;
            Waiting.until(
                    Duration.ofSeconds(20),
                    () ->
                            cluster.memberName(member)
                                    + " has the rows of the primary\n"
                                    + cluster.diagnostics(),
                    () -> hasRows(probe, member, wanted));
        }
    }

    private static boolean hasRows(WriteProbe probe, int node, Set<WriteHistory.Row> wanted) {
        try {
            return probe.rowsOf(node).equals(wanted);
        } catch (SQLException e) {
            return false;
        }
    }
}
