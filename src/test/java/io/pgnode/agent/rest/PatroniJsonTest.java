package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Compares with answers of a real Patroni 3.0.2: our documents must have each of its fields with
 * the same type.
 */
class PatroniJsonTest {
    private final ObjectMapper mapper = new ObjectMapper();
    private final PatroniJson json = new PatroniJson("pgnode-0.1.0", new JsonText());

    @Test
    void aPrimaryHasEveryFieldOfPatroni() throws IOException {
        TestNode node = TestNode.primary();
        node.tags = Map.of("zone", "z1");
        node.pause = true;
        node.failsafeActive = true;
        node.leader = null;
        node.pendingRestart = Map.of("max_connections", "100 -> 111");
        node.scheduledRestart = "{\"schedule\":\"2030-01-01T00:00:00+00:00\",\"role\":\"primary\"}";
        assertHasFieldsOf("primary.json", json.status(node.status()), Set.of());
    }

    @Test
    void aReplicaHasEveryFieldOfPatroni() throws IOException {
        TestNode node = TestNode.replica();
        node.tags = Map.of("zone", "z2");
        node.syncMode = SyncMode.ON;
        node.sync = Set.of(TestNode.SELF);
        assertHasFieldsOf("replica.json", json.status(node.status()), Set.of());
    }

    @Test
    void aStoppedMemberHasEveryFieldOfPatroni() throws IOException {
        TestNode node = TestNode.primary();
        node.process = ProcessState.STOPPED;
        node.state = "stopped";
        node.leaseHeld = false;
        node.tags = Map.of("zone", "z1");
        node.pendingRestart = Map.of("max_connections", "100 -> 111");
        String text = json.status(node.status());
        assertHasFieldsOf("stopped.json", text, Set.of());
        assertThat(mapper.readTree(text).path("role").asText()).isEqualTo("demoted");
        assertThat(mapper.readTree(text).has("xlog")).isFalse();
    }

    @Test
    void theClusterHasEveryFieldOfPatroni() throws IOException {
        TestNode node = TestNode.primary();
        node.tags = Map.of("zone", "z1");
        node.pause = true;
        node.switchover =
                new SwitchoverRequest(
                        TestNode.SELF, null, Instant.parse("2030-01-01T00:00:00Z"), 5);
        String text = json.cluster(node.snapshot(), false);
        assertHasFieldsOf("cluster.json", text, Set.of("tags"));
        assertThat(mapper.readTree(text).at("/members/0/tags/zone").asText()).isEqualTo("z1");
    }

    @Test
    void printsAPrimary() {
        TestNode node = TestNode.primary();
        node.tags = Map.of("zone", "ü", "nofailover", "false", "failover_priority", "2");
        assertThat(json.status(node.status()))
                .isEqualTo(
                        "{\"state\": \"running\","
                                + " \"postmaster_start_time\": \"2026-11-20"
                                + " 10:44:33.466000+00:00\", \"role\": \"primary\","
                                + " \"server_version\": 150018, \"xlog\": {\"location\": 50331744},"
                                + " \"timeline\": 1, \"replication\": [{\"usename\": \"replicator\","
                                + " \"application_name\": \"pg-test-2\", \"client_addr\": \"10.0.0.2\", \"state\":"
                                + " \"streaming\", \"sync_state\": \"sync\", \"sync_priority\":"
                                + " 2}], \"dcs_last_seen\": 1795171493, \"tags\":"
                                + " {\"failover_priority\": 2, \"zone\": \"\\u00FC\"},"
                                + " \"database_system_identifier\": \"7710202766530638290\","
                                + " \"patroni\": {\"version\": \"pgnode-0.1.0\", \"scope\":"
                                + " \"pg-test\", \"name\": \"pg-test-1\"}, \"pgnode\":"
                                + " {\"version\": \"pgnode-0.1.0\", \"epoch\": 7, \"lease_valid\":"
                                + " true, \"lease_remaining_ms\": 8000, \"writable\": true,"
                                + " \"decision\": \"leader and healthy\", \"task\": null}}");
    }

    @Test
    void printsTheCluster() {
        TestNode node = TestNode.primary();
        node.otherLsn = node.received - 96;
        assertThat(json.cluster(node.snapshot(), false))
                .isEqualTo(
                        "{\"members\": [{\"name\": \"pg-test-1\", \"role\": \"leader\", \"state\":"
                                + " \"running\", \"api_url\": \"http://10.0.0.1:8008/patroni\","
                                + " \"host\": \"10.0.0.1\", \"port\": 5432, \"timeline\": 1},"
                                + " {\"name\": \"pg-test-2\", \"role\": \"replica\", \"state\":"
                                + " \"streaming\", \"api_url\": \"http://10.0.0.2:8008/patroni\","
                                + " \"host\": \"10.0.0.2\", \"port\": 5432, \"timeline\": 1,"
                                + " \"receive_lag\": 96, \"receive_lsn\": \"0/3000000\","
                                + " \"replay_lag\": 96, \"replay_lsn\": \"0/3000000\", \"lag\": 96,"
                                + " \"lsn\": \"0/3000000\"}], \"scope\": \"pg-test\"}");
    }

    @Test
    void namesTheRolesOfAllMembers() throws IOException {
        TestNode node = TestNode.primary();
        node.syncMode = SyncMode.ON;
        node.sync = Set.of(TestNode.OTHER);
        assertThat(role(node, 1)).isEqualTo("sync_standby");
        node.syncMode = SyncMode.QUORUM;
        assertThat(role(node, 1)).isEqualTo("quorum_standby");
        assertThat(mapper.readTree(json.cluster(node.snapshot(), true)).at("/members/0/role"))
                .hasToString("\"standby_leader\"");
        node.otherState = "stopped";
        assertThat(mapper.readTree(json.cluster(node.snapshot(), false)).at("/members/1/lag"))
                .hasToString("\"unknown\"");
    }

    private String role(TestNode node, int member) throws IOException {
        return mapper.readTree(json.cluster(node.snapshot(), false))
                .at("/members/" + member + "/role")
                .asText();
    }

    @Test
    void printsTheHistoryAsPatroniDoes() throws IOException {
        TimelineHistory history =
                new TimelineHistory(
                        List.of(
                                new TimelineHistory.Entry(
                                        1,
                                        new Lsn(50332608),
                                        "no recovery target specified",
                                        "2026-11-20T10:45:49.661784+00:00",
                                        "demo-2")),
                        1);
        assertThat(json.history(history)).isEqualTo(golden("history.json").strip());
        assertThat(json.history(TimelineHistory.NONE)).isEqualTo("[]");
        assertThat(
                        json.history(
                                new TimelineHistory(
                                        List.of(
                                                new TimelineHistory.Entry(
                                                        1, new Lsn(5), "r", "", "")),
                                        1)))
                .isEqualTo("[[1, 5, \"r\"]]");
    }

    @Test
    void showsWhatWaitsForARestart() throws IOException {
        TestNode node = TestNode.replica();
        node.pendingRestart = Map.of("max_connections", "100 -> 111", "wal_level", "replica");
        assertThat(mapper.readTree(json.status(node.status())).path("pending_restart_reason"))
                .hasToString(
                        "{\"max_connections\":{\"old_value\":\"100\",\"new_value\":\"111\"},"
                                + "\"wal_level\":{\"old_value\":\"replica\",\"new_value\":\"\"}}");
    }

    private void assertHasFieldsOf(String file, String ours, Set<String> except)
            throws IOException {
        compare("", mapper.readTree(golden(file)), mapper.readTree(ours), except);
    }

    private static void compare(String path, JsonNode theirs, JsonNode ours, Set<String> except) {
        assertThat(ours.getNodeType()).as(path).isEqualTo(theirs.getNodeType());
        if (theirs.isNumber()) {
            assertThat(ours.isIntegralNumber()).as(path).isEqualTo(theirs.isIntegralNumber());
        }
        theirs.properties()
                .forEach(
                        field -> {
                            String at = path + "/" + field.getKey();
                            if (!except.contains(field.getKey())) {
                                assertThat(ours.has(field.getKey())).as(at).isTrue();
                                compare(at, field.getValue(), ours.get(field.getKey()), except);
                            }
                        });
        for (int i = 0; theirs.isArray() && i < theirs.size(); i++) {
            compare(path + "/" + i, theirs.get(i), ours.get(i), except);
        }
    }

    private static String golden(String file) throws IOException {
        try (InputStream in =
                PatroniJsonTest.class.getResourceAsStream("/rest/patroni-3.0.2/" + file)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
