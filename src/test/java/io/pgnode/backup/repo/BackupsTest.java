package io.pgnode.backup.repo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of an encrypted repository, taken out of it and brought back. */
class BackupsTest {
    private static final CipherType CIPHER = CipherType.AES_256_CBC;

    @TempDir private static Path directory;

    private static RealPostgres server;
    private static PgBackRest.Configured configured;
    private static Repository repository;

    @BeforeAll
    static void backUp() throws Exception {
        server = RepositoryFixture.server("backups");
        PgBackRest tool = PgBackRest.newer().orElseGet(PgBackRest::stock);
        Map<String, String> options = RepositoryFixture.options(CIPHER);
        options.put("repo1-bundle", "y");
        options.put("compress-type", "lz4");
        options.put("process-max", "2");
        configured = tool.with(directory, options, server);
        configured.must("stanza-create");
        configured.archive(server);
        configured.must("backup", "--type=full", "--annotation=why=test");
        configured.must("backup", "--type=incr");
        repository = RepositoryFixture.open(configured, CIPHER);
    }

    @AfterAll
    static void close() {
        repository.close();
        server.close();
    }

    @Test
    void backupsAreReadThroughTheChainOfCiphers() throws Exception {
        List<BackupSummary> backups = repository.backups().info().backups();
        assertThat(backups).hasSize(2);
        for (BackupSummary backup : backups) {
            Manifest manifest = repository.backups().manifest(backup.label());
            assertThat(manifest.summary()).isEqualTo(backup);
            assertThat(manifest.cipherPass()).isNotNull();
        }
        assertThat(repository.backups().labels())
                .isEqualTo(backups.stream().map(BackupSummary::label).toList());
        assertThat(repository.backups().unfinished()).isEmpty();
    }

    @Test
    void whatIsForgottenAndCompletedAgainIsTheSame() throws Exception {
        Backups backups = repository.backups();
        String before = configured.must("info", "--output=json");
        BackupLabel label = backups.labels().getLast();
        Manifest manifest = backups.manifest(label);
        Path history =
                configured
                        .repository()
                        .resolve("backup/demo/backup.history")
                        .resolve(label.stamp().substring(0, 4))
                        .resolve(label + ".manifest.gz");
        byte[] compressed = repository.files().read(relative(history), backups.pass(), 1 << 24);
        assertThat(Filters.apply(Filters.decompressor(CompressType.GZ, false), compressed))
                .isEqualTo(manifest.render());

        backups.forget(label);
        assertThat(backups.unfinishedLabels()).containsExactly(label);
        assertThat(configured.must("info")).doesNotContain(label.text());
        assertThatThrownBy(() -> backups.manifest(label)).isInstanceOf(BackupException.class);

        backups.saveUnfinished(manifest);
        assertThat(backups.unfinished().orElseThrow().render()).isEqualTo(manifest.render());
        Files.delete(history);
        backups.complete(manifest);
        assertThat(configured.must("info", "--output=json")).isEqualTo(before);
        assertThat(configured.must("verify", "--output=text", "--verbose")).contains("status: ok");
        assertThat(
                        Filters.apply(
                                Filters.decompressor(CompressType.GZ, false),
                                repository
                                        .files()
                                        .read(relative(history), backups.pass(), 1 << 24)))
                .isEqualTo(manifest.render());
        assertThat(Files.readSymbolicLink(configured.repository().resolve("backup/demo/latest")))
                .isEqualTo(Path.of(label.text()));
    }

    private static String relative(Path path) {
        return configured.repository().relativize(path).toString();
    }

    @Test
    void theInfoFileIsMadeToAgreeWithWhatIsThere() throws Exception {
        Backups backups = repository.backups();
        BackupLabel label = backups.labels().getLast();
        var before = backups.info();
        assertThat(backups.reconcile()).isEmpty();

        backups.update(info -> info.without(label));
        assertThat(backups.reconcile()).containsExactly(label);
        assertThat(backups.info()).isEqualTo(before);

        Path manifest =
                configured
                        .repository()
                        .resolve(backups.directory(label))
                        .resolve("backup.manifest");
        Path away = manifest.resolveSibling("away");
        Files.move(manifest, away);
        assertThat(backups.reconcile()).containsExactly(label);
        assertThat(backups.info().find(label)).isEmpty();
        Files.move(away, manifest);
        backups.reconcile();
        assertThat(backups.info()).isEqualTo(before);
    }

    @Test
    void aDamagedManifestIsReadFromItsCopy() throws Exception {
        Backups backups = repository.backups();
        BackupLabel label = backups.labels().getFirst();
        Manifest manifest = backups.manifest(label);
        Path file =
                configured
                        .repository()
                        .resolve(backups.directory(label))
                        .resolve("backup.manifest");
        byte[] good = Files.readAllBytes(file);
        try {
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(file, bad);
            assertThat(backups.manifest(label).render()).isEqualTo(manifest.render());
        } finally {
            Files.write(file, good);
        }
        assertThatThrownBy(() -> backups.removeFiles(label)).isInstanceOf(BackupException.class);
    }
}
