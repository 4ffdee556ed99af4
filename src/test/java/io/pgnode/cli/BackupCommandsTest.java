package io.pgnode.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.agent.rest.BackupStatus;
import io.pgnode.cli.text.Json;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a real server and a real repository; its WAL is archived by pgBackRest. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupCommandsTest {
    @TempDir private static Path directory;
    private static RealPostgres server;
    private static PgBackRest.Configured stock;
    private static CliHarness cli;
    private static Path config;

    @BeforeAll
    static void start() throws Exception {
        server = PgBackRest.server("cli", Map.of()).bootstrap();
        stock = PgBackRest.stock().with(directory, Map.of(), server);
        stock.archive(server);
        config = BackupNodeFile.write(directory, 1, server, stock, "");
        cli =
                new CliHarness()
                        .cluster(
                                "pg-test-1",
                                "{\"ttl\":10}",
                                List.of(BackupNodeFile.primary(server)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static CliHarness.Run run(String... args) {
        List<String> all = new java.util.ArrayList<>(List.of(args));
        all.addAll(List.of("-c", config.toString()));
        return cli.run(all.toArray(String[]::new));
    }

    private static CliHarness.Run must(String... args) {
        CliHarness.Run run = run(args);
        assertThat(run.code()).as("%s: %s%s", List.of(args), run.out(), run.err()).isZero();
        return run;
    }

    @Test
    @Order(1)
    void stanzaIsMadeOnce() {
        assertThat(run("backup", "check").err()).contains("stanza-create");
        assertThat(must("backup", "stanza-create").out()).isEqualTo("repo1: stanza demo created\n");
        assertThat(must("backup", "stanza-create").out())
                .isEqualTo("repo1: stanza demo is there already\n");
        stock.must("check");
    }

    @Test
    @Order(2)
    void checkWaitsForWalInTheRepository() throws Exception {
        assertThat(must("backup", "check").out())
                .contains("repo1: stanza demo is this cluster's")
                .containsPattern("repo1: has WAL 0000000100000000000000..\n");
        server.sql("ALTER SYSTEM SET archive_command = 'exit 3'");
        server.sql("SELECT pg_reload_conf()");
        CliHarness.Run failed = run("backup", "check", "--archive-timeout", "5s");
        stock.archive(server);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .containsPattern("WAL 0000000100000000000000.. is not in repo1")
                .contains("the archiver's last failure: 0000000100000000000000")
                .contains("HINT:");
    }

    @Test
    @Order(3)
    void backsUpListsVerifiesAndExpires() throws Exception {
        server.sql("CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 1000) g");
        CliHarness.Run full = must("backup", "full", "--annotation", "why=first");
        assertThat(full.out()).containsPattern("repo1: full backup \\d{8}-\\d{6}F: .* read");
        assertThat(full.err()).contains("copying");
        must("backup", "incr");
        assertThat(cli.store().read().join().members()).hasSize(1);

        JsonNode listed = Json.parse(must("backup", "list", "-o", "json").out());
        assertThat(listed.findValuesAsText("Type")).containsExactly("full", "incr");
        JsonNode info = Json.parse(must("backup", "info", "-o", "json").out());
        JsonNode theirs = Json.parse(stock.must("info", "--output=json"));
        assertThat(info.findValuesAsText("label")).isEqualTo(theirs.findValuesAsText("label"));
        assertThat(info.get(0).path("status").path("code").asInt()).isZero();
        String label = info.findValuesAsText("label").getFirst();
        assertThat(must("backup", "info", "--set", label).out()).contains(label).contains("first");

        must("backup", "annotate", label, "why=", "owner=ann");
        assertThat(must("backup", "list").out()).contains("owner=ann").doesNotContain("first");
        assertThat(must("backup", "verify").err()).isEmpty();
        assertThat(stock.must("verify", "--output=text")).doesNotContain("error");
        assertThat(must("backup", "repo-ls", "backup/demo").out()).contains(label);

        CliHarness.Run second = must("backup", "full");
        assertThat(second.err()).contains("expired " + label);
        assertThat(must("backup", "list", "-o", "tsv").out()).doesNotContain(label);
        assertThat(must("backup", "expire", "--dry-run").out()).doesNotContain("remove backup");
    }

    /** What the REST API tells comes from here. */
    @Test
    @Order(4)
    void theOtherMembersKnowOfIt() throws Exception {
        assertThat(run("backup", "incr", "--repo", "2").code()).isEqualTo(ExitCode.USAGE.code());
        BackupNode node = BackupNode.load(config, Map.of());
        try (BackupWatch watch = BackupWatch.start(node.config(), cli.dcs())) {
            await().until(() -> requireNonNull(watch.status()).seen() != null);
            BackupStatus status = requireNonNull(watch.status());
            assertThat(status.running()).isNull();
            assertThat(status.last())
                    .extracting(BackupStatus.Last::type)
                    .containsExactly("full", "incr");
            BackupStatus.Last full = status.last().getFirst();
            assertThat(full.result()).isEqualTo("done");
            assertThat(full.text()).matches("\\d{8}-\\d{6}F");
            assertThat(full.lastSuccess()).isEqualTo(full.started());
            BackupStatus.Archiver archiver = requireNonNull(status.archiver());
            assertThat(archiver.lastArchived()).startsWith("0000000100000000000000");
            assertThat(archiver.failed()).isPositive();
            assertThat(archiver.ready()).isNotNegative();
        }
    }

    @Test
    @Order(5)
    void oneBackupAtATimeInTheCluster() throws Exception {
        cli.put(
                "pgnode/backup/lease",
                "{\"member\":\"pg-test-2\",\"type\":\"incr\",\"started\":\"%s\",\"epoch\":7,\"done\":1048576,\"total\":4194304}"
                        .formatted(Instant.parse("2026-11-21T12:00:00Z")));
        CliHarness.Run refused = run("backup", "incr");
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(refused.err())
                .contains("pg-test-2 makes a incr backup since 2026-11-21T12:00:00Z");
        assertThat(must("backup", "list").err())
                .contains("pg-test-2 makes")
                .contains(", 1.0 MB of 4.0 MB, 25 %");
    }

    @Test
    @Order(6)
    void restoreIsPlannedAndDone() throws Exception {
        Path copy = directory.resolve("copy");
        CliHarness.Run plan =
                must("restore", "--data-dir", copy.toString(), "--type=immediate", "--plan");
        assertThat(plan.out()).contains("backup  ").contains("to the end of the backup");
        assertThat(copy).doesNotExist();
        CliHarness.Run restored =
                must(
                        "restore",
                        "--data-dir",
                        copy.toString(),
                        "--type=immediate",
                        "--archive-mode=off");
        assertThat(restored.out()).contains("restored ");
        assertThat(copy.resolve("recovery.signal")).exists();
        assertThat(copy.resolve("global/pg_control")).exists();
        assertThat(run("restore", "--type=time").code()).isEqualTo(ExitCode.USAGE.code());
        // The server runs: its directory is not touched.
        CliHarness.Run refused = run("restore", "--delta");
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(server.sql("SELECT count(*) FROM t")).isEqualTo("1000");
    }

    @Test
    @Order(7)
    void withoutRepositoriesNothingIsToBeDone() throws Exception {
        Path plain = directory.resolve("plain.yml");
        Files.writeString(plain, "cluster: pg-test\nseq: 1\naddress: 127.0.0.1\n");
        CliHarness.Run run = cli.run("backup", "list", "-c", plain.toString());
        assertThat(run.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("no repository is configured");
    }
}
