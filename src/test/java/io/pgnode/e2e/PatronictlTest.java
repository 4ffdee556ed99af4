package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.testing.Http;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Patronictl;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Waiting;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Patroni's own command line drives our cluster, through nothing but etcd and the REST API. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class PatronictlTest extends ClusterScenarios {
    private static final String CLUSTER = "it";
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ObjectMapper mapper = new ObjectMapper();

    @Override
    PgnodeCluster build() {
        return new PgnodeCluster(3, "fast", PgnodeCluster.ASYNCHRONOUS);
    }

    @Test
    void listsTheMembers() throws Exception {
        String leader = cluster().memberName(primary());

        JsonNode members = mapper.readTree(patronictl("list", CLUSTER, "-f", "json"));

        assertThat(members).hasSize(3);
        for (JsonNode member : members) {
            boolean leads = member.path("Member").asText().equals(leader);
            assertThat(member.path("Cluster").asText()).isEqualTo(CLUSTER);
            assertThat(member.path("Role").asText()).isEqualTo(leads ? "Leader" : "Replica");
            assertThat(member.path("State").asText()).isIn("running", "streaming");
            assertThat(member.path("TL").asInt()).isPositive();
            if (!leads) {
                assertThat(member.path("Lag in MB").asInt(-1)).isZero();
            }
        }
        assertThat(patronictl("topology", CLUSTER))
                .contains("+ " + cluster().memberName(standby()));
    }

    @Test
    void switchesOverAndShowsTheHistory() throws Exception {
        String from = cluster().memberName(primary());
        int candidate = standby();
        String to = cluster().memberName(candidate);

        String text =
                patronictl("switchover", CLUSTER, "--leader", from, "--candidate", to, "--force");

        assertThat(text).contains("Successfully switched over to \"" + to + "\"");
        cluster().awaitHealthy(SOON);
        assertThat(primary()).isEqualTo(candidate);
        Waiting.until(SOON, () -> "a history with " + to, () -> lastLeader().equals(to));
    }

    private String lastLeader() {
        try {
            JsonNode history = mapper.readTree(patronictl("history", CLUSTER, "-f", "json"));
            return history.path(history.size() - 1).path("New Leader").asText();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void schedulesASwitchoverAndTakesItBack() {
        String when = Instant.now().plus(1, ChronoUnit.HOURS).toString();
        String leader = cluster().memberName(primary());

        patronictl("switchover", CLUSTER, "--leader", leader, "--scheduled", when, "--force");

        assertThat(patronictl("list", CLUSTER)).contains("Switchover scheduled at");
        assertThat(patronictl("flush", CLUSTER, "switchover", "--force"))
                .contains("scheduled switchover deleted");
        assertThat(patronictl("list", CLUSTER)).doesNotContain("Switchover scheduled");
    }

    @Test
    void pausesAndResumes() {
        assertThat(patronictl("pause", CLUSTER, "--wait"))
                .contains("Success: cluster management is paused");
        assertThat(patronictl("list", CLUSTER)).contains("Maintenance mode: on");
        assertThat(Http.get(cluster().api(primary()) + "/patroni").body())
                .contains("\"pause\": true");

        assertThat(patronictl("resume", CLUSTER, "--wait"))
                .contains("Success: cluster management is resumed");
        assertThat(patronictl("list", CLUSTER)).doesNotContain("Maintenance mode");
    }

    @Test
    void editsTheConfiguration() {
        patronictl(
                "edit-config",
                CLUSTER,
                "-s",
                "maximum_lag_on_failover=2097152",
                "-p",
                "work_mem=7MB",
                "--force");

        assertThat(patronictl("show-config", CLUSTER))
                .contains("maximum_lag_on_failover: 2097152", "work_mem: 7MB");
        for (int node = 0; node < cluster().size(); node++) {
            int on = node;
            Waiting.until(
                    SOON,
                    () -> "work_mem on " + cluster().memberName(on) + cluster().diagnostics(),
                    () -> "7MB".equals(show(on, "work_mem")));
        }
    }

    @Test
    void restartsAndReloadsAMember() {
        int node = standby();
        String member = cluster().memberName(node);
        Optional<OsProcess> before = OsProcess.postmasterOf(cluster().dataDir(node));

        assertThat(patronictl("restart", CLUSTER, member, "--force"))
                .contains("Success: restart on member " + member);

        assertThat(OsProcess.postmasterOf(cluster().dataDir(node)))
                .isPresent()
                .isNotEqualTo(before);
        assertThat(patronictl("reload", CLUSTER, member, "--force"))
                .contains("Reload request received for member " + member);
    }

    @Test
    void schedulesARestart() throws Exception {
        int node = standby();
        String member = cluster().memberName(node);
        String when = Instant.now().plus(1, ChronoUnit.HOURS).toString();

        patronictl(
                "restart", CLUSTER, member, "--scheduled", when, "--pg-version", "99.1", "--force");

        JsonNode shown =
                mapper.readTree(Http.get(cluster().api(node) + "/patroni").body())
                        .path("scheduled_restart");
        assertThat(shown.path("postgres_version").asText()).isEqualTo("99.1");
        assertThat(shown.has("postmaster_start_time")).isFalse();
        Waiting.until(
                SOON,
                () -> "a scheduled restart in the list",
                () -> patronictl("list", CLUSTER, "-e").contains("if version < 99.1"));
        assertThat(patronictl("flush", CLUSTER, member, "restart", "--force"))
                .contains("Success: flush scheduled restart for member " + member);
    }

    @Test
    void reinitializesAMember() {
        int node = standby();
        String member = cluster().memberName(node);
        Optional<OsProcess> before = OsProcess.postmasterOf(cluster().dataDir(node));

        assertThat(patronictl("reinit", CLUSTER, member, "--force", "--wait"))
                .contains("Success: reinitialize for member " + member)
                .contains("Reinitialize is completed on: " + member);

        cluster().awaitHealthy(SOON);
        assertThat(OsProcess.postmasterOf(cluster().dataDir(node)))
                .isPresent()
                .isNotEqualTo(before);
    }

    private String patronictl(String... arguments) {
        try (var tool = new Patronictl(cluster(), CLUSTER)) {
            return tool.run(arguments);
        }
    }

    private String show(int node, String parameter) {
        try (var connection = cluster().connect(node);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("show " + parameter)) {
            return rows.next() ? rows.getString(1) + "" : "";
        } catch (SQLException e) {
            return "";
        }
    }
}
