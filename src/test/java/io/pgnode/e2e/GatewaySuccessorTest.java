package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.OsProcess;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Storm;
import io.pgnode.testing.Waiting;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** SIGUSR2 to a running node replaces its gateway, and nobody notices. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class GatewaySuccessorTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final List<Integer> SERVICES = List.of(5433, 5436);

    @Test
    void sessionsStayWhereTheyAreAndNewOnesComeToTheSuccessor() throws Exception {
        List<Connection> sessions = new ArrayList<>();
        try (var cluster = new PgnodeCluster(1, "fast", PgnodeCluster.ASYNCHRONOUS).withGateways();
                var storm = new Storm()) {
            cluster.start();
            for (int service : SERVICES) {
                Connection session = DriverManager.getConnection(cluster.serviceUrl(0, service));
                session.setAutoCommit(false);
                ask(session); // and stays in its transaction
                sessions.add(session);
                storm.add(service, () -> visit(cluster.serviceUrl(0, service)));
            }
            OsProcess before = gateways(cluster).getFirst();
            storm.awaitMore(10, SOON);

            cluster.signalSupervisor(0, Signal.USR2);
            Waiting.until(
                    SOON,
                    () -> "a second gateway\n" + cluster.diagnostics(),
                    () -> gateways(cluster).size() == 2);
            Waiting.until(
                    SOON,
                    () -> "the first one accepts nothing any more\n" + cluster.diagnostics(),
                    () -> cluster.diagnostics().contains("a successor has the listeners"));
            storm.awaitMore(20, SOON);

            for (Connection session : sessions) {
                ask(session);
                session.commit();
                assertThat(before.isAlive()).isTrue();
                session.close();
            }
            Waiting.until(
                    SOON,
                    () -> "the first gateway ends with its clients\n" + cluster.diagnostics(),
                    () -> !before.isAlive());
            storm.awaitMore(20, SOON);
            storm.end();
            assertThat(storm.failures()).isEmpty();
            assertThat(gateways(cluster)).hasSize(1).doesNotContain(before);
        }
    }

    private static List<OsProcess> gateways(PgnodeCluster cluster) {
        return cluster.managementProcesses(0).stream()
                .filter(process -> process.commandLine().contains(" gateway "))
                .toList();
    }

    private static void visit(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            ask(connection);
        }
    }

    private static void ask(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1")) {
            assertThat(rows.next()).isTrue();
        }
    }
}
