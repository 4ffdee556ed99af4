package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Replication connections get a server of their own. */
class ReplicationTest {
    private static PoolerRig first;
    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        first = PoolerRig.start("", "");
        String whole =
                "replication = host=127.0.0.1 port=%d user=%s password='%s'"
                        .formatted(
                                first.postgres().settings().port(),
                                RealPostgres.REPLICATION.user(),
                                RealPostgres.REPLICATION.password());
        rig = first.another("pool_size=1\n" + whole, "pool_mode = transaction");
    }

    @AfterAll
    static void stop() {
        rig.close();
        first.close();
    }

    @Test
    void aDriverReplicatesADatabase() throws Exception {
        try (Connection client =
                        rig.connect(
                                "&replication=database&assumeMinServerVersion=15&preferQueryMode=simple");
                Connection other = rig.connect()) {
            String system = value(client, "IDENTIFY_SYSTEM");
            assertThat(system)
                    .isEqualTo(value(other, "SELECT system_identifier FROM pg_control_system()"));
            value(client, "CREATE_REPLICATION_SLOT passing TEMPORARY PHYSICAL");
            assertThat(value(other, "SELECT count(*) FROM pg_replication_slots")).isEqualTo("1");
        }
    }

    @Test
    void aBaseBackupPassesThrough() throws Exception {
        Path to = rig.postgres().root().resolve("copy-" + rig.port());
        String output =
                run(
                        RealPostgres.binDir().resolve("pg_basebackup").toString(),
                        "--dbname",
                        "host=127.0.0.1 user=somebody sslmode=disable port=" + rig.port(),
                        "--pgdata",
                        to.toString(),
                        "--checkpoint=fast",
                        "--wal-method=stream");

        assertThat(output).isEmpty();
        assertThat(to.resolve("PG_VERSION")).exists();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(
                        () -> {
                            try (RawClient client = new RawClient(rig.port())) {
                                client.login("somebody", "postgres", "replication", "perhaps");
                            }
                        })
                .hasMessageContaining("invalid value for parameter \"replication\"");
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(rig.postgres().root(), "basebackup", ".log");
        Process process =
                new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() == 0 ? "" : Files.readString(log, StandardCharsets.UTF_8);
    }
}
