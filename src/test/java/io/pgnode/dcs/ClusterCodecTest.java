package io.pgnode.dcs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.dcs.Dcs.KeyValue;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values marked "Patroni 3.0.2" were written by that version. */
class ClusterCodecTest {
    private static final MemberName ONE = new MemberName("pg-test-1");
    private static final MemberName TWO = new MemberName("pg-test-2");

    private static KeyValue pair(String value) {
        return new KeyValue("k", value, 3, 7, 1, 42);
    }

    @Test
    void readsAMemberOfPatroni302() {
        Member member =
                ClusterCodec.decodeMember(
                        TWO,
                        pair(
                                """
                                {"conn_url":"postgres://127.0.0.1:23852/postgres","api_url":"http://127.0.0.1:23802/patroni",\
                                "state":"running","role":"master","version":"3.0.2","tags":{"clonefrom":true,"zone":"a"},\
                                "pending_restart":true,"xlog_location":50616632,"timeline":2,"scheduled_restart":\
                                {"schedule":"2026-12-01T00:00:00+00:00","postmaster_start_time":"2026-11-20 11:00:27.285118+00:00"}}"""));

        assertThat(member.postgres()).isEqualTo(new HostPort("127.0.0.1", 23852));
        assertThat(member.role()).isEqualTo(MemberRole.PRIMARY);
        assertThat(member.tags().cloneFrom()).isTrue();
        assertThat(member.tags().values()).containsEntry("zone", "a");
        assertThat(member.lsn()).isEqualTo(Lsn.parse("0/3045938"));
        assertThat(member.timeline()).isEqualTo(2);
        assertThat(member.pendingRestart()).isNotEmpty();
        assertThat(member.scheduledRestart()).contains("2026-12-01");
        assertThat(member.leaseId()).isEqualTo(42);
        assertThat(member.modRevision()).isEqualTo(7);
    }

    @Test
    void readsAMemberOfPatroni4() {
        Member member =
                ClusterCodec.decodeMember(
                        TWO,
                        pair(
                                """
                                {"conn_url":"postgres://[fe80::1]:5432/postgres","state":"running","role":"replica",\
                                "version":"4.1.0","xlog_location":83886408,"receive_lsn":83886410,"replay_lsn":83886408,\
                                "replication_state":"streaming","timeline":1,"pending_restart":true,"pending_restart_reason":\
                                {"max_connections":{"old_value":"100","new_value":"60"}},"pause":true}"""));

        assertThat(member.postgres()).isEqualTo(new HostPort("fe80::1", 5432));
        assertThat(member.receiveLsn()).isEqualTo(new Lsn(83886410));
        assertThat(member.replayLsn()).isEqualTo(new Lsn(83886408));
        assertThat(member.replicationState()).isEqualTo("streaming");
        assertThat(member.pendingRestart())
                .containsExactly(Map.entry("max_connections", "100 -> 60"));
        assertThat(member.paused()).isTrue();
    }

    @Test
    void ownMemberReadsBackAsWritten() {
        Member member =
                new Member(
                        ONE,
                        new HostPort("10.0.0.1", 5432),
                        "http://10.0.0.1:8008/patroni",
                        MemberRole.PRIMARY,
                        "running",
                        "pgnode-0.1.0",
                        new Tags(
                                Map.of(
                                        "nofailover",
                                        "true",
                                        "failover_priority",
                                        "5",
                                        "zone",
                                        "b")),
                        Lsn.parse("FFFFFFFF/10"),
                        Lsn.NONE,
                        Lsn.NONE,
                        3,
                        "",
                        Map.of("max_connections", "100 -> 60"),
                        "{\"schedule\":\"2026-12-01T00:00:00+00:00\"}",
                        true,
                        42,
                        7);

        String json = ClusterCodec.encodeMember(member);

        assertThat(ClusterCodec.decodeMember(ONE, pair(json))).isEqualTo(member);
        assertThat(json)
                .contains("\"role\":\"primary\"", "\"nofailover\":true", "\"failover_priority\":5")
                .contains("\"xlog_location\":18446744069414584336")
                .doesNotContain("receive_lsn", "replication_state");
    }

    @Test
    void memberFieldsOfTheWrongTypeCountAsAbsent() {
        Member member =
                ClusterCodec.decodeMember(
                        ONE,
                        pair(
                                """
                                {"conn_url":17,"api_url":null,"state":[],"role":{},"tags":"x","xlog_location":"far",\
                                "timeline":-3,"pending_restart_reason":7,"scheduled_restart":"x","replay_lsn":-1}"""));

        assertThat(member.postgres()).isNull();
        assertThat(member.state()).isEmpty();
        assertThat(member.role()).isEqualTo(MemberRole.REPLICA);
        assertThat(member.lsn()).isEqualTo(Lsn.NONE);
        assertThat(member.timeline()).isZero();
        for (String url :
                List.of("postgres:// :x", "nothing", "postgres://h:99999/", "postgres:///x")) {
            assertThat(
                            ClusterCodec.decodeMember(ONE, pair("{\"conn_url\":\"" + url + "\"}"))
                                    .postgres())
                    .isNull();
        }
    }

    @Test
    void syncOfBothVersions() {
        SyncState old =
                ClusterCodec.decodeSync(
                        pair(
                                "{\"leader\":\"pg-test-1\",\"sync_standby\":\"pg-test-2,pg-test-3\"}"));
        assertThat(old.standbys()).hasSize(2);
        assertThat(old.quorum()).isZero();
        SyncState none =
                ClusterCodec.decodeSync(
                        pair("{\"leader\":\"pg-test-1\",\"sync_standby\":null,\"quorum\":0}"));
        assertThat(none.leader()).isEqualTo(ONE);
        assertThat(none.standbys()).isEmpty();
        assertThat(ClusterCodec.decodeSync(pair("{}")).leader()).isNull();
        assertThat(
                        ClusterCodec.decodeSync(pair("{\"leader\":\"pg-test-1\",\"quorum\":2}"))
                                .quorum())
                .isEqualTo(2);
    }

    @Test
    void switchoverIsWrittenAsPatroniDoes() {
        Instant at = Instant.parse("2026-12-01T00:00:00Z");
        // Patroni 3.0.2
        String written =
                "{\"leader\":\"pg-test-1\",\"member\":\"pg-test-2\",\"scheduled_at\":\"2026-12-01T00:00:00+00:00\"}";
        SwitchoverRequest request = new SwitchoverRequest(ONE, TWO, at, 7);

        assertThat(ClusterCodec.encodeSwitchover(request)).isEqualTo(written);
        assertThat(ClusterCodec.decodeSwitchover(pair(written))).isEqualTo(request);
        assertThat(ClusterCodec.decodeSwitchover(pair("{}"))).isNull();
        SwitchoverRequest local =
                ClusterCodec.decodeSwitchover(
                        pair(
                                "{\"leader\":\"pg-test-1\",\"scheduled_at\":\"2026-12-01 02:00:00.5+02:00\"}"));
        assertThat(requireNonNull(local).scheduledAt()).isEqualTo(at.plusMillis(500));
        assertThatThrownBy(
                        () ->
                                ClusterCodec.decodeSwitchover(
                                        pair("{\"scheduled_at\":\"tomorrow\"}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tomorrow");
    }

    @Test
    void historyOfPatroni302() {
        String written =
                "[[1,50616176,\"no recovery target specified\",\"2026-11-20T11:01:42.413803+00:00\",\"pg-test-2\"]]";

        var history = ClusterCodec.decodeHistory(pair(written));

        assertThat(history.currentTimeline()).isEqualTo(2);
        assertThat(history.entries().getFirst().newLeader()).isEqualTo("pg-test-2");
        assertThat(ClusterCodec.encodeHistory(history)).isEqualTo(written);
        assertThat(ClusterCodec.decodeHistory(pair("[[1,100,\"x\"]]")).entries()).hasSize(1);
    }

    @Test
    void statusOfAllVersions() {
        assertThat(ClusterCodec.decodeStatus("{\"optime\":50331784}").optime())
                .isEqualTo(new Lsn(50331784));
        assertThat(ClusterCodec.decodeStatus("50331784").optime()).isEqualTo(new Lsn(50331784));
        assertThat(ClusterCodec.decodeOptime("50331784").optime()).isEqualTo(new Lsn(50331784));
        assertThat(
                        ClusterCodec.decodeStatus(
                                        "{\"optime\":1,\"slots\":{\"a\":5,\"b\":\"x\"},\"retain_slots\":[\"c\"]}")
                                .slots())
                .containsExactly(Map.entry("a", new Lsn(5)));
    }

    private final List<String> problems = new ArrayList<>();

    private DynamicConfig config(String json) {
        problems.clear();
        return ConfigCodec.decode(json, 7, problems::add);
    }

    @Test
    void emptyConfigHasPatronisDefaults() {
        DynamicConfig config = config("{}");

        assertThat(config.ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.loopWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.retryTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.maximumLagOnFailover()).isEqualTo(1_048_576);
        assertThat(config.maximumLagOnSyncnode()).isEqualTo(-1);
        assertThat(config.primaryStartTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.primaryStopTimeout()).isZero();
        assertThat(config.synchronousMode()).isEqualTo(SyncMode.OFF);
        assertThat(config.synchronousNodeCount()).isEqualTo(1);
        assertThat(config.useSlots()).isTrue();
        assertThat(config.usePgRewind()).isFalse();
        assertThat(config.failsafeMode()).isFalse();
        assertThat(config.pause()).isFalse();
        assertThat(config.parameters()).isEmpty();
        assertThat(config.json()).isEqualTo("{}");
        assertThat(config.modRevision()).isEqualTo(7);
        assertThat(problems).isEmpty();
    }

    @Test
    void configValuesAreRead() {
        DynamicConfig config =
                config(
                        """
                        {"ttl": 4.5, "loop_wait": "1", "retry_timeout": 0.5, "master_start_timeout": 0,
                         "maximum_lag_on_failover": "16MB", "synchronous_mode": "quorum", "synchronous_mode_strict": "on",
                         "synchronous_node_count": 2, "failsafe_mode": true, "pause": 1, "check_timeline": true,
                         "max_timelines_history": 5, "unknown": {"kept": true},
                         "postgresql": {"use_pg_rewind": true, "use_slots": false,
                           "remove_data_directory_on_rewind_failure": true,
                           "parameters": {"max_connections": 60, "log_checkpoints": true, "fsync": false,
                             "work_mem": "64MB", "checkpoint_completion_target": 0.9, "gone": null},
                           "pg_hba": ["local all all trust", "host all all all scram-sha-256"],
                           "pg_ident": "a b c\\nd e f"}}
                        """);

        assertThat(problems).isEmpty();
        assertThat(config.ttl()).isEqualTo(Duration.ofMillis(4500));
        assertThat(config.loopWait()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.primaryStartTimeout()).isZero();
        assertThat(config.maximumLagOnFailover()).isEqualTo(16 << 20);
        assertThat(config.synchronousMode()).isEqualTo(SyncMode.QUORUM);
        assertThat(config.synchronousModeStrict()).isTrue();
        assertThat(config.pause()).isTrue();
        assertThat(config.useSlots()).isFalse();
        assertThat(config.parameters())
                .containsOnly(
                        Map.entry("max_connections", "60"),
                        Map.entry("log_checkpoints", "on"),
                        Map.entry("fsync", "off"),
                        Map.entry("work_mem", "64MB"),
                        Map.entry("checkpoint_completion_target", "0.9"));
        assertThat(config.pgHba()).hasSize(2);
        assertThat(config.pgIdent()).containsExactly("a b c", "d e f");
    }

    @Test
    void wrongConfigValuesAreReportedAndReplacedByDefaults() {
        DynamicConfig config =
                config(
                        """
                        {"ttl": -1, "loop_wait": "soon", "retry_timeout": 1e300, "maximum_lag_on_failover": -5,
                         "synchronous_mode": "sometimes", "pause": "maybe", "synchronous_node_count": 0,
                         "postgresql": {"use_slots": [], "pg_hba": {"a": 1}, "parameters": {"x": [1]}}}
                        """);

        assertThat(config.ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.loopWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.maximumLagOnFailover()).isEqualTo(1_048_576);
        assertThat(config.synchronousMode()).isEqualTo(SyncMode.ON);
        assertThat(config.pause()).isFalse();
        assertThat(config.useSlots()).isTrue();
        assertThat(config.pgHba()).isEmpty();
        assertThat(problems)
                .hasSize(10)
                .anyMatch(p -> p.startsWith("ttl must be 1..86400 seconds"));
    }

    @Test
    void absurdNumbersAreReportedAtOnce() {
        DynamicConfig config =
                config(
                        """
                        {"ttl": "1e-999999999", "primary_start_timeout": "1e-999999999", "loop_wait": 1e-400,
                         "retry_timeout": "1e999999999", "maximum_lag_on_failover": 99999999999999999999999}
                        """);

        assertThat(config.primaryStartTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(problems).hasSize(5);
    }

    @Test
    void configThatIsNoObjectIsRefused() {
        for (String value : List.of("", "[1]", "7", "null", "{\"ttl\":", "\u0000")) {
            assertThatThrownBy(() -> config(value)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void randomBytesNeverDoWorseThanIllegalArgument() {
        long seed = 20261120;
        java.util.Random random = new java.util.Random(seed);
        String alphabet = "{}[]\",:0123456789-.eEtruefalsn lady\\u";
        for (int i = 0; i < 5_000; i++) {
            StringBuilder value = new StringBuilder();
            int length = random.nextInt(30);
            for (int j = 0; j < length; j++) {
                value.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            ViewBuilder builder = new ViewBuilder(new ClusterKeys("service", "x"));
            for (String key :
                    List.of(
                            "leader",
                            "members/a",
                            "config",
                            "sync",
                            "status",
                            "history",
                            "failover",
                            "failsafe",
                            "initialize",
                            "optime/leader",
                            "pgnode/epoch",
                            "pgnode/timeline",
                            "pgnode/handoff")) {
                builder.put(new KeyValue("/service/x/" + key, value.toString(), 1, 1, 1, 0));
            }
            assertThat(builder.view(1).revision()).isEqualTo(1);
        }
    }
}
