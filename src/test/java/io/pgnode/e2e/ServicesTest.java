package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Http;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Every node's services lead to the primary, wherever it is. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class ServicesTest extends ClusterScenarios {
    private static final int DEFAULT = 5436;
    private static final Duration SOON = Duration.ofSeconds(15);

    @Override
    PgnodeCluster build() {
        return new PgnodeCluster(3, "fast", PgnodeCluster.ASYNCHRONOUS).withGateways();
    }

    /** The port of the server behind a node's service; empty when nobody answers. */
    private String serverBehind(int node, int service) {
        String url =
                "jdbc:postgresql://127.0.0.1:"
                        + cluster().gatewayPort(node, service)
                        + "/postgres?connectTimeout=5&socketTimeout=10";
        Properties login = new Properties();
        login.setProperty("user", "postgres");
        login.setProperty("password", "secret-of-the-test");
        try (Connection connection = DriverManager.getConnection(url, login);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "select current_setting('port') where not pg_is_in_recovery()")) {
            return rows.next() ? rows.getString(1) + "" : "a standby";
        } catch (SQLException e) {
            return "";
        }
    }

    private String portOf(int node) {
        String url = cluster().jdbcUrl(node);
        return url.replaceFirst(".*?:(\\d+)/.*", "$1");
    }

    private void allServicesLeadTo(int primary) {
        for (int node = 0; node < cluster().size(); node++) {
            int entry = node;
            Waiting.until(
                    SOON,
                    () -> "service of node " + entry + "\n" + cluster().diagnostics(),
                    () -> serverBehind(entry, DEFAULT).equals(portOf(primary)));
        }
    }

    @Test
    void servicesFollowASwitchover() {
        int before = primary();
        allServicesLeadTo(before);
        int after = standby();
        cluster().switchover(before, after);

        for (int node = 0; node < cluster().size(); node++) {
            assertThat(serverBehind(node, DEFAULT))
                    .as("right after the switchover, through node " + node)
                    .isEqualTo(portOf(after));
        }
    }

    @Test
    void servicesFollowAFailover() {
        int before = primary();
        allServicesLeadTo(before);
        cluster().killNode(before);
        Waiting.until(
                FAILOVER,
                cluster()::diagnostics,
                () -> cluster().primary().isPresent() && cluster().primary().getAsInt() != before);
        int after = primary();
        for (int node = 0; node < cluster().size(); node++) {
            if (node != before) {
                int entry = node;
                Waiting.until(
                        SOON,
                        cluster()::diagnostics,
                        () -> serverBehind(entry, DEFAULT).equals(portOf(after)));
            }
        }
        cluster().startNode(before);
        cluster().awaitHealthy(HEALTHY);
        allServicesLeadTo(after);
    }

    @Test
    void aKilledGatewayIsBackAndTouchesNothingElse() {
        int leader = primary();
        allServicesLeadTo(leader);
        OsProcess gateway = cluster().gateway(leader).orElseThrow();
        OsProcess agent = cluster().agent(leader).orElseThrow();
        gateway.signal(Signal.KILL);
        Waiting.until(
                SOON,
                cluster()::diagnostics,
                () ->
                        cluster()
                                .gateway(leader)
                                .filter(now -> now.pid() != gateway.pid())
                                .isPresent());
        allServicesLeadTo(leader);

        assertThat(primary()).isEqualTo(leader);
        assertThat(cluster().agent(leader).orElseThrow().pid()).isEqualTo(agent.pid());
    }

    @Test
    void aKilledAgentLeavesTheServicesAsTheyAre() {
        int leader = primary();
        allServicesLeadTo(leader);
        OsProcess gateway = cluster().gateway(leader).orElseThrow();
        cluster().signalAgent(leader, Signal.KILL);

        for (int i = 0; i < 20; i++) {
            assertThat(serverBehind(leader, DEFAULT)).isEqualTo(portOf(leader));
        }
        assertThat(cluster().gateway(leader).orElseThrow().pid()).isEqualTo(gateway.pid());
        Waiting.until(
                SOON,
                cluster()::diagnostics,
                () -> Http.get(cluster().api(leader) + "/primary").isOk());
    }
}
