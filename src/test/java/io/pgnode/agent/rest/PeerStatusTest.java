package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerStatusTest {
    private static final MemberName DEMO = new MemberName("demo-1");
    private final JsonText json = new JsonText();

    private PeerAnswer parse(MemberName name, String text) {
        return PeerStatus.parse(name, text, json);
    }

    private PeerAnswer ours(TestNode node) {
        return parse(TestNode.SELF, new PatroniJson("pgnode-0.1.0", json).status(node.status()));
    }

    @Test
    void readsAPrimaryOfPatroni3() throws IOException {
        assertThat(parse(DEMO, golden("primary.json")))
                .isEqualTo(
                        new PeerAnswer(
                                DEMO,
                                true,
                                true,
                                true,
                                false,
                                1,
                                new Lsn(50331840),
                                false,
                                1,
                                false,
                                "running",
                                false));
    }

    @Test
    void readsAReplicaOfPatroni3() throws IOException {
        PeerAnswer answer = parse(DEMO, golden("replica.json"));
        assertThat(answer.isPrimary()).isFalse();
        assertThat(answer.inRecovery()).isTrue();
        assertThat(answer.position()).isEqualTo(new Lsn(50331840));
    }

    @Test
    void readsAStoppedMemberOfPatroni3() throws IOException {
        PeerAnswer answer = parse(DEMO, golden("stopped.json"));
        assertThat(answer.reachable()).isTrue();
        assertThat(answer.isPrimary()).isFalse();
        assertThat(answer.inRecovery()).isFalse();
        assertThat(answer.state()).isEqualTo("stopped");
    }

    @Test
    void readsPatroni4() {
        PeerAnswer answer =
                parse(
                        DEMO,
                        """
                        {"state": "running", "role": "replica", "server_version": 160004,
                         "xlog": {"received_location": 67419744, "replayed_location": 67419800,
                          "replayed_timestamp": null, "paused": false},
                         "timeline": 3, "replication_state": "streaming", "watchdog_failed": true,
                         "tags": {"failover_priority": 5, "clonefrom": true},
                         "patroni": {"version": "4.0.0", "scope": "demo", "name": "demo-1"}}
                        """);
        assertThat(answer.position()).isEqualTo(new Lsn(67419800));
        assertThat(answer.timeline()).isEqualTo(3);
        assertThat(answer.failoverPriority()).isEqualTo(5);
        assertThat(answer.noFailover()).isFalse();
        assertThat(answer.watchdogFailed()).isTrue();
        assertThat(answer.isPgnode()).isFalse();
    }

    @Test
    void readsOurOwn() {
        TestNode primary = TestNode.primary();
        primary.tags = Map.of("nofailover", "true", "failover_priority", "3");
        assertThat(ours(primary))
                .isEqualTo(
                        new PeerAnswer(
                                TestNode.SELF,
                                true,
                                true,
                                true,
                                false,
                                1,
                                new Lsn(0x3000060),
                                true,
                                3,
                                false,
                                "running",
                                true));
        primary.leaseRemainingNanos = -Duration.ofSeconds(1).toNanos();
        assertThat(ours(primary).isPrimary()).isTrue();
        assertThat(ours(primary).leaseValid()).isFalse();
        TestNode replica = TestNode.replica();
        replica.watchdogFailed = true;
        assertThat(ours(replica).inRecovery()).isTrue();
        assertThat(ours(replica).leaseValid()).isFalse();
        assertThat(ours(replica).watchdogFailed()).isTrue();
    }

    @Test
    void aPrimaryThatDoesNotAnswerQueriesIsStillAPrimary() {
        TestNode silent = TestNode.primary();
        silent.answers = false;
        assertThat(ours(silent).isPrimary()).isTrue();
        TestNode stopping = TestNode.primary();
        stopping.process = ProcessState.STOPPED;
        stopping.state = "stopped";
        stopping.leaseHeld = false;
        assertThat(ours(stopping).isPrimary()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "garbage",
                "{\"state\": 5}",
                "{\"state\": \"running\", \"patroni\": {\"name\": \"other-1\"}}",
            })
    void takesAnythingElseForNoAnswer(String body) {
        assertThat(parse(DEMO, body)).isEqualTo(PeerAnswer.unreachable(DEMO));
    }

    private static String golden(String file) throws IOException {
        try (InputStream in =
                PeerStatusTest.class.getResourceAsStream("/rest/patroni-3.0.2/" + file)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
