package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.model.Lsn;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerParametersTest {
    private static final ServerParameters.Listen LISTEN =
            new ServerParameters.Listen("*", 5432, "/run/postgresql", "pg-test");

    @Test
    void defaultsAreThoseOfPatroni() {
        ServerParameters parameters = ServerParameters.of(LISTEN, Map.of(), Map.of(), null);
        assertThat(parameters.arguments())
                .containsExactly(
                        "--cluster_name=pg-test",
                        "--hot_standby=on",
                        "--listen_addresses=*",
                        "--max_connections=100",
                        "--max_locks_per_transaction=64",
                        "--max_prepared_transactions=0",
                        "--max_replication_slots=10",
                        "--max_wal_senders=10",
                        "--max_worker_processes=8",
                        "--port=5432",
                        "--track_commit_timestamp=off",
                        "--unix_socket_directories=/run/postgresql",
                        "--wal_level=replica",
                        "--wal_log_hints=on");
        assertThat(parameters.file())
                .containsEntry("wal_keep_size", "128MB")
                .containsEntry("wal_retrieve_retry_interval", "100ms");
    }

    @Test
    void localWinsExceptForWhatAllMembersShare() {
        ServerParameters parameters =
                ServerParameters.of(
                        LISTEN,
                        Map.of("Work_Mem", "4MB", "max_connections", "300"),
                        Map.of("work_mem", "8MB", "max_connections", "900", "port", "1"),
                        null);
        assertThat(parameters.file()).containsEntry("work_mem", "8MB").doesNotContainKey("port");
        assertThat(parameters.argv())
                .containsEntry("max_connections", "300")
                .containsEntry("port", "5432");
    }

    @Test
    void namesWhatHasNoEffect() {
        Map<String, String> dynamic =
                Map.ofEntries(
                        Map.entry("work_mem", "4MB"),
                        Map.entry("max_connections", "many"),
                        Map.entry("max_wal_senders", "5"),
                        Map.entry("max_replication_slots", "2"),
                        Map.entry("wal_level", "minimal"),
                        Map.entry("Hot_Standby", "true"),
                        Map.entry("port", "1"),
                        Map.entry("restore_command", "x"),
                        Map.entry("two words", "x"),
                        Map.entry("search_path", "a\nb"));
        Map<String, String> local = Map.of("max_worker_processes", "9", "hot_standby", "off");

        assertThat(ServerParameters.ignored(dynamic, local))
                .containsExactly(
                        Map.entry("hot_standby", "it is always on"),
                        Map.entry(
                                "max_connections", "it is many, must be at least 25; 100 is used"),
                        Map.entry(
                                "max_replication_slots", "it is 2, must be at least 4; 10 is used"),
                        Map.entry(
                                "max_worker_processes",
                                "it must be the same on all members: set it in the cluster's"
                                        + " configuration"),
                        Map.entry("port", "each member sets its own"),
                        Map.entry("restore_command", "pgnode sets it"),
                        Map.entry("search_path", "its value is not one line"),
                        Map.entry("two words", "that is no name of a parameter"),
                        Map.entry("wal_level", "it is minimal; replica is used"));
        assertThat(ServerParameters.of(LISTEN, dynamic, local, null).file())
                .containsKey("work_mem")
                .doesNotContainKeys("two words", "search_path", "restore_command");
    }

    @Test
    void valuesThatWouldBreakTheClusterFallBack() {
        ServerParameters parameters =
                ServerParameters.of(
                        LISTEN,
                        Map.of(
                                "max_wal_senders", "1",
                                "max_connections", "many",
                                "wal_level", "minimal",
                                "hot_standby", "off",
                                "primary_conninfo", "host=evil",
                                "restore_command", "rm -rf /"),
                        Map.of(),
                        null);
        assertThat(parameters.argv())
                .containsEntry("max_wal_senders", "10")
                .containsEntry("max_connections", "100")
                .containsEntry("wal_level", "replica")
                .containsEntry("hot_standby", "on");
        assertThat(parameters.file()).doesNotContainKeys("primary_conninfo", "restore_command");
    }

    @Test
    void standbyStartsWithAtLeastThePrimarysValues() {
        ServerParameters parameters =
                ServerParameters.of(
                        LISTEN,
                        Map.of("max_connections", "50", "max_wal_senders", "40"),
                        Map.of(),
                        control(200, 20));
        assertThat(parameters.argv())
                .containsEntry("max_connections", "200")
                .containsEntry("max_wal_senders", "40");
    }

    @Test
    void comparesForcedSettingsWithTheRunningServer() {
        ServerParameters parameters =
                ServerParameters.of(LISTEN, Map.of("max_connections", "200"), Map.of(), null);
        assertThat(
                        parameters.pendingFrom(
                                Map.of(
                                        "max_connections", "100",
                                        "wal_log_hints", "on",
                                        "track_commit_timestamp", "false",
                                        "work_mem", "1")))
                .containsExactly(Map.entry("max_connections", "100 -> 200"));
    }

    static ControlData control(int maxConnections, int maxWalSenders) {
        return new ControlData(
                1300,
                202209061,
                "7",
                ControlState.SHUT_DOWN_IN_RECOVERY,
                new Lsn(1),
                new Lsn(1),
                1,
                1,
                new Lsn(2),
                1,
                false,
                1,
                true,
                maxConnections,
                8,
                maxWalSenders,
                0,
                64,
                false,
                8192,
                16 << 20,
                1);
    }
}
