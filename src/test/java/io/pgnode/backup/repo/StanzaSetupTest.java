package io.pgnode.backup.repo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CipherType;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stanzas that we and a real pgbackrest create, each for the other. */
class StanzaSetupTest {
    private static final Identity OTHER = new Identity("7000000000000000001", "15", 1, 1300);

    private static RealPostgres server;
    private static Identity identity;

    @TempDir private Path directory;

    @BeforeAll
    static void start() throws Exception {
        server = RepositoryFixture.server("stanza");
        identity = RepositoryFixture.identity(server);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(CipherType.class)
    void pgBackRestWorksWithAStanzaOfOurs(CipherType cipher) throws Exception {
        for (PgBackRest tool : PgBackRest.all()) {
            PgBackRest.Configured configured = configured(tool, cipher);
            try (Repository repository = RepositoryFixture.open(configured, cipher)) {
                assertThat(StanzaSetup.create(repository, identity))
                        .isEqualTo(StanzaSetup.Result.CREATED);
                assertThat(StanzaSetup.create(repository, identity))
                        .isEqualTo(StanzaSetup.Result.ALREADY_THERE);
            }
            configured.archive(server);
            configured.must("stanza-create");
            configured.must("check");
            assertThat(configured.must("info", "--output=json"))
                    .contains("\"system-id\":" + identity.systemId());
        }
    }

    private PgBackRest.Configured configured(PgBackRest tool, CipherType cipher) throws Exception {
        return tool.with(
                RepositoryFixture.directory(directory, tool.version()),
                RepositoryFixture.options(cipher),
                server);
    }

    @ParameterizedTest
    @EnumSource(CipherType.class)
    void weWorkWithAStanzaOfPgBackRest(CipherType cipher) throws Exception {
        for (PgBackRest tool : PgBackRest.all()) {
            PgBackRest.Configured configured = configured(tool, cipher);
            configured.must("stanza-create");
            try (Repository repository = RepositoryFixture.open(configured, cipher)) {
                assertThat(StanzaSetup.create(repository, identity))
                        .isEqualTo(StanzaSetup.Result.ALREADY_THERE);
                StanzaSetup.check(repository, identity);
                assertThat(repository.archive().archiveId()).isEqualTo("15-1");
                assertRefused(
                        BackrestExit.FILE_INVALID, () -> StanzaSetup.create(repository, OTHER));
                assertRefused(
                        BackrestExit.FILE_INVALID, () -> StanzaSetup.check(repository, OTHER));
                assertRefused(
                        BackrestExit.DB_MISMATCH, () -> StanzaSetup.upgrade(repository, OTHER));
            }
        }
    }

    private static void assertRefused(
            BackrestExit exit, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.exit()).isEqualTo(exit));
    }

    @Test
    void aCreationKilledInItsMiddleIsFinished() throws Exception {
        PgBackRest.Configured configured = configured(PgBackRest.stock(), CipherType.NONE);
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            StanzaSetup.create(repository, identity);
            Path backup = configured.repository().resolve("backup/demo");
            Files.delete(backup.resolve("backup.info"));
            Files.delete(backup.resolve("backup.info.copy"));
            Files.delete(configured.repository().resolve("archive/demo/archive.info.copy"));

            assertRefused(BackrestExit.FILE_INVALID, () -> StanzaSetup.create(repository, OTHER));
            assertThat(StanzaSetup.create(repository, identity))
                    .isEqualTo(StanzaSetup.Result.CREATED);
            configured.must("stanza-create");
        }
    }

    @Test
    void whatWasLostIsNotMadeAnew() throws Exception {
        PgBackRest.Configured configured = configured(PgBackRest.stock(), CipherType.NONE);
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            StanzaSetup.create(repository, identity);
            Path archive = configured.repository().resolve("archive/demo");
            Files.delete(archive.resolve("archive.info"));
            Files.delete(archive.resolve("archive.info.copy"));
            assertRefused(
                    BackrestExit.FILE_MISSING, () -> StanzaSetup.create(repository, identity));

            Path backup = configured.repository().resolve("backup/demo");
            Files.delete(backup.resolve("backup.info"));
            Files.delete(backup.resolve("backup.info.copy"));
            Files.createDirectory(archive.resolve("15-1"));
            assertRefused(
                    BackrestExit.PATH_NOT_EMPTY, () -> StanzaSetup.create(repository, identity));
        }
    }

    @Test
    void anUpgradeAddsTheNewCluster() throws Exception {
        Identity before = new Identity("7000000000000000002", "14", 202107181, 1300);
        PgBackRest.Configured configured = configured(PgBackRest.stock(), CipherType.AES_256_CBC);
        try (Repository repository = RepositoryFixture.open(configured, CipherType.AES_256_CBC)) {
            StanzaSetup.create(repository, before);
            assertThat(configured.run("check").exit()).isNotZero();

            byte[] backupInfo =
                    Files.readAllBytes(configured.repository().resolve("backup/demo/backup.info"));
            assertThat(StanzaSetup.upgrade(repository, identity))
                    .isEqualTo(StanzaSetup.Result.UPGRADED);
            assertThat(StanzaSetup.upgrade(repository, identity))
                    .isEqualTo(StanzaSetup.Result.ALREADY_THERE);
            assertThat(repository.archive().archiveId()).isEqualTo("15-2");
            configured.archive(server);
            configured.must("check");

            // As if it was killed between the two files.
            Files.write(configured.repository().resolve("backup/demo/backup.info"), backupInfo);
            assertRefused(
                    BackrestExit.FILE_INVALID, () -> StanzaSetup.create(repository, identity));
            assertThat(StanzaSetup.upgrade(repository, identity))
                    .isEqualTo(StanzaSetup.Result.UPGRADED);
            configured.must("check");
        }
    }

    @Test
    void aWrongPassIsRefusedBeforeAnythingIsWritten() throws Exception {
        PgBackRest.Configured configured = configured(PgBackRest.stock(), CipherType.AES_256_CBC);
        configured.must("stanza-create");
        Path info = configured.repository().resolve("archive/demo/archive.info");
        byte[] content = Files.readAllBytes(info);
        for (CipherType cipher : CipherType.values()) {
            try (Repository wrong =
                    RepositoryFixture.open(configured.repository(), cipher, "wrong")) {
                assertRefused(BackrestExit.CRYPTO, () -> StanzaSetup.create(wrong, identity));
                assertRefused(BackrestExit.CRYPTO, () -> wrong.archive().info());
                assertRefused(BackrestExit.CRYPTO, () -> wrong.backups().info());
            }
        }
        assertThat(Files.readAllBytes(info)).isEqualTo(content);
    }

    @Test
    void theCopyIsReadWhenTheFileIsDamaged() throws Exception {
        PgBackRest.Configured configured = configured(PgBackRest.stock(), CipherType.NONE);
        configured.must("stanza-create");
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            Files.writeString(
                    configured.repository().resolve("archive/demo/archive.info"), "[backrest]\n");
            Files.delete(configured.repository().resolve("backup/demo/backup.info"));
            StanzaSetup.check(repository, identity);

            Files.delete(configured.repository().resolve("archive/demo/archive.info.copy"));
            repository.archive().refresh();
            assertRefused(BackrestExit.FILE_INVALID, () -> repository.archive().info());
        }
    }
}
