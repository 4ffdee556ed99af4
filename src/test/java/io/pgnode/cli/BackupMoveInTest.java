package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.repo.Identity;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StanzaSetup;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A site that has pgbackrest moves in, and later has another cluster. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupMoveInTest {
    @TempDir private static Path directory;
    private static RealPostgres server;
    private static PgBackRest.Configured stock;
    private static CliHarness cli;

    @BeforeAll
    static void start() throws Exception {
        server = PgBackRest.server("move", Map.of()).bootstrap();
        stock =
                PgBackRest.stock()
                        .with(
                                directory,
                                Map.of("repo1-retention-full", "2", "compress-type", "lz4"),
                                server);
        stock.archive(server);
        stock.must("stanza-create");
        stock.must("--type=full", "backup");
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

    private static CliHarness.Run run(Path config, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-c", config.toString()));
        return cli.run(all.toArray(String[]::new));
    }

    /** The node's own keys, and the section that was adopted. */
    private static Path node(RealPostgres of, String section) throws IOException {
        Path password = directory.resolve("password");
        Files.writeString(password, RealPostgres.SUPERUSER.password() + "\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(
                directory.resolve("pgnode-" + of.settings().port() + ".yml"),
                """
                cluster: pg-test
                seq: 1
                address: 127.0.0.1
                run-dir: %s
                postgresql:
                  data-dir: %s
                  socket-dir: %s
                  port: %d
                  superuser: {username: postgres, password-file: %s}
                %s"""
                        .formatted(
                                directory.resolve("run"),
                                of.settings().dataDir(),
                                of.settings().socketDir(),
                                of.settings().port(),
                                password,
                                section));
    }

    @Test
    @Order(1)
    void whatPgBackRestBeganGoesOn() throws Exception {
        Path section = directory.resolve("backup.yml");
        CliHarness.Run adopted =
                cli.run(
                        "backup",
                        "adopt",
                        stock.file().toString(),
                        "--secrets",
                        directory.toString(),
                        "--write",
                        section.toString());
        assertThat(adopted.code()).as(adopted.err()).isZero();
        assertThat(adopted.err()).contains("repo1-path", "taken", "written to " + section);
        assertThat(adopted.out()).contains("stanza: demo", stock.repository().toString());
        Path taken = Files.writeString(directory.resolve("taken.yml"), "backup: {}\n");
        CliHarness.Run refused =
                cli.run("backup", "adopt", stock.file().toString(), "--write", taken.toString());
        assertThat(refused.code()).isNotZero();
        assertThat(taken).hasContent("backup: {}\n");

        Path config = node(server, Files.readString(section));
        CliHarness.Run diff = run(config, "backup", "diff");
        assertThat(diff.code()).as(diff.err()).isZero();
        assertThat(diff.out())
                .containsPattern("repo1: diff backup \\d{8}-\\d{6}F_\\d{8}-\\d{6}D: ");
        stock.must("--type=incr", "backup");
        stock.must("verify");
        assertThat(run(config, "backup", "list", "-o", "tsv").out())
                .containsSubsequence("\tfull\t", "\tdiff\t", "\tincr\t");
    }

    /** As after pg_upgrade: the repository knows an older cluster. */
    @Test
    @Order(2)
    void anUpgradedClusterNeedsItsStanzaUpgraded() throws Exception {
        Path place = Files.createDirectory(directory.resolve("older"));
        PgBackRest.Configured theirs = PgBackRest.stock().with(place, Map.of(), server);
        try (Repository repository =
                Repository.open(
                        new RepositorySettings(
                                1,
                                new StorageSettings.Posix(theirs.repository()),
                                PgBackRest.STANZA,
                                CipherType.NONE,
                                null))) {
            StanzaSetup.create(
                    repository, new Identity("7000000000000000001", "13", 202007201, 1300));
        }
        theirs.archive(server);
        Path config = BackupNodeFile.write(place, 1, server, theirs, "");
        CliHarness.Run refused = run(config, "backup", "full");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("pgnode backup stanza-upgrade");
        assertThat(run(config, "backup", "stanza-upgrade").out())
                .isEqualTo("repo1: stanza demo upgraded\n");
        assertThat(run(config, "backup", "stanza-upgrade").out())
                .isEqualTo("repo1: stanza demo is there already\n");
        theirs.must("check");
        CliHarness.Run diff = run(config, "backup", "diff");
        assertThat(diff.code()).as(diff.err()).isZero();
        assertThat(diff.out()).contains("repo1: full backup ");
        assertThat(diff.err()).contains("becomes full");
    }
}
