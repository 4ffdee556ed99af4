package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.testing.Changed;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a reload of the member's own settings changes on real servers. */
class ReloadedSettingsTest {
    private static final Duration PROBE = Duration.ofSeconds(5);

    @Test
    void aNewReplicationPasswordLetsTheStandbyStreamAgain() throws Exception {
        try (RealPostgres primary = RealPostgres.create("reload-1").bootstrap();
                RealPostgres standby = RealPostgres.create("reload-2").cloneOf(primary)) {
            await().until(() -> isStreaming(standby));
            primary.sql("ALTER ROLE replicator PASSWORD 'a new:one'");
            PostgresSettings before = standby.instance().settings();

            standby.instance()
                    .reloadSettings(
                            with(
                                    before,
                                    before.superuser(),
                                    new Credentials("replicator", "a new:one"),
                                    before.parameters(),
                                    List.of(),
                                    "/bin/false %f %p"));
            standby.instance().applyParameters(Map.of(), List.of(), List.of());
            primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");

            await().atMost(Duration.ofSeconds(20))
                    .until(
                            () ->
                                    "1"
                                            .equals(
                                                    primary.sql(
                                                            "SELECT count(*) FROM pg_stat_replication"
                                                                    + " WHERE backend_start > now() - interval '1 min'"
                                                                    + " AND state = 'streaming'")));
            Path dataDir = standby.settings().dataDir();
            assertThat(Files.readString(dataDir.resolve("postgresql.conf")))
                    .contains("restore_command = '/bin/false %f %p'")
                    .doesNotContain("a new");
            assertThat(Files.readString(standby.settings().runDir().resolve("pgpass")))
                    .contains("*:*:*:replicator:a new\\:one")
                    .doesNotContain("pl\\\\ica");
        }
    }

    @Test
    void aNewSuperuserPasswordIsUsedByTheNextConnection() throws Exception {
        try (RealPostgres pg = RealPostgres.create("reload-pw").bootstrap()) {
            Files.writeString(
                    pg.settings().dataDir().resolve("pg_hba.conf"),
                    "local all all scram-sha-256\nhost all all all trust\n");
            pg.instance().reload();
            PostgresSettings before = pg.settings();
            pg.sql("ALTER ROLE postgres PASSWORD 'another'");
            PostgresInstance agent = pg.restartAgent();
            await().until(() -> agent.probe(PROBE) instanceof ProbeResult.Refused);

            agent.reloadSettings(
                    with(
                            before,
                            new Credentials("postgres", "another"),
                            before.replication(),
                            before.parameters(),
                            List.of(),
                            ""));

            await().atMost(Duration.ofSeconds(20)).until(() -> agent.probe(PROBE).isAnswered());
            agent.createSlot("made_by_an_action");
        }
    }

    @Test
    void whatNeedsARestartStays() {
        Path root = Path.of("/nowhere");
        PostgresSettings running = RealPostgres.settings(root, "node-1", 5432);
        PostgresSettings other = RealPostgres.settings(root, "node-2", 5433);

        PostgresSettings reloaded =
                running.reloaded(
                        with(
                                other,
                                new Credentials("boss", "x"),
                                new Credentials("replicator", "y"),
                                Map.of("work_mem", "1MB"),
                                List.of(),
                                ""));

        assertThat(reloaded.port()).isEqualTo(5432);
        assertThat(reloaded.memberName()).isEqualTo("node-1");
        assertThat(reloaded.superuser()).isEqualTo(running.superuser());
        assertThat(reloaded.replication().password()).isEqualTo("y");
        assertThat(reloaded.parameters()).containsOnlyKeys("work_mem");
    }

    private static boolean isStreaming(RealPostgres standby) {
        return standby.instance().probe(PROBE).isAnswered()
                && standby.instance().observe().streaming();
    }

    static PostgresSettings with(
            PostgresSettings s,
            Credentials superuser,
            Credentials replication,
            Map<String, String> parameters,
            List<String> hba,
            String restoreCommand) {
        return Changed.copy(
                s,
                "superuser",
                superuser,
                "replication",
                replication,
                "parameters",
                parameters,
                "pgHba",
                hba,
                "restoreCommand",
                restoreCommand);
    }
}
