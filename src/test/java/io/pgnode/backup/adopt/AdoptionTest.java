package io.pgnode.backup.adopt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.adopt.ReportLine.Verdict;
import io.pgnode.backup.core.BackupException;
import io.pgnode.config.BackupConfig;
import io.pgnode.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdoptionTest {
    private static final String NODE = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n";
    private static final String PASS = "pgBackRest: #1 \"x\"";
    private static final String KEY = "AKIASECRETKEY";
    private static final String KEY_SECRET = "S3User.Backup";

    @TempDir Path directory;

    @Test
    void takesWhatALargeInstallationHas() throws Exception {
        Path file =
                write(
                        "pgbackrest.conf",
                        """
                        # a bucket, encrypted, and a directory
                        [global]
                        repo1-type=s3
                        repo1-s3-endpoint=sss.pigsty
                        repo1-s3-bucket=pgsql
                        repo1-s3-region=us-east-1
                        repo1-s3-key=%s
                        repo1-s3-key-secret = %s
                        repo1-s3-uri-style=path
                        repo1-path=/pgbackrest
                        repo1-storage-port=9000
                        repo1-storage-ca-file=%s
                        repo1-block=y
                        repo1-bundle=y
                        repo1-bundle-limit=20MiB
                        repo1-bundle-size=128MiB
                        repo1-cipher-type=aes-256-cbc
                        repo1-cipher-pass=%s
                        repo1-retention-full-type=time
                        repo1-retention-full=14
                        repo1-retention-history=0
                        repo2-path=/pg/backup
                        repo2-retention-full=2
                        log-level-file=info
                        start-fast=y
                        delta=y
                        compress-type=lz4
                        archive-timeout=90s
                        archive-push-queue-max=4GiB
                        [global:archive-push]
                        process-max=4
                        [pg-meta]
                        pg1-path=/pg/data
                        pg1-port=5432
                        """
                                .formatted(KEY, KEY_SECRET, write("ca.crt", "authority"), PASS));
        write("conf.d/20-workers.conf", "[global:backup]\nprocess-max=2\n");
        write("conf.d/10-workers.conf", "[global]\nprocess-max=8\n");
        write("conf.d/ignored.txt", "no configuration");

        Adoption adoption = Adoption.of(BackrestConfig.read(file), null, secrets());

        assertThat(adoption.stanza()).isEqualTo("pg-meta");
        assertThat(adoption.isComplete()).as("%s", adoption.report()).isTrue();
        adoption.write(directory.resolve("backup.yml"));
        BackupConfig config = load(adoption.yaml());
        assertThat(config.stanza()).contains("pg-meta");
        assertThat(config.workers()).hasValue(2);
        assertThat(config.archive().workers()).isEqualTo(4);
        assertThat(config.archive().pushDeadline()).hasSeconds(90);
        assertThat(config.compress().type())
                .isEqualTo(BackupConfig.CompressConfig.CompressType.LZ4);
        BackupConfig.RepositoryConfig s3 = repository(config, "1");
        assertThat(s3.path()).hasToString("/pgbackrest");
        assertThat(s3.bundle().size().bytes()).isEqualTo(128L << 20);
        assertThat(s3.retention().full()).hasValue(14);
        assertThat(s3.retention().history()).hasValue(0);
        assertThat(s3.retention().fullType()).isEqualTo(BackupConfig.RetentionConfig.FullType.TIME);
        assertThat(s3.s3().port()).hasValue(9000);
        assertThat(s3.s3().key().orElseThrow().reveal()).isEqualTo(KEY);
        assertThat(s3.s3().keySecretFile().map(AdoptionTest::text)).contains(KEY_SECRET + "\n");
        assertThat(s3.cipher().passFile().map(AdoptionTest::text)).contains(PASS + "\n");
        assertThat(config.repositories()).containsOnlyKeys("1", "2");
    }

    @Test
    void eachKeyHasALine() throws Exception {
        Path file =
                write(
                        "pgbackrest.conf",
                        """
                        [global]
                        repo1-path=/backup
                        repo1-retention-full=2
                        retention-diff=3
                        spool-path=/spool
                        nonsense=1
                        repo2-host=backup.example
                        repo2-path=/there
                        [global:restore]
                        process-max=4
                        [main]
                        repo1-path=/backup/main
                        pg1-path=/data
                        [other]
                        pg1-path=/other
                        """);

        Adoption adoption = Adoption.of(BackrestConfig.read(file), "main", secrets());

        assertThat(adoption.report())
                .filteredOn(line -> !line.place().equals("default"))
                .extracting(line -> line.verdict() + " " + line.key())
                .containsExactly(
                        "IGNORED [global] repo1-path",
                        "TAKEN [global] repo1-retention-full",
                        "TAKEN [global] retention-diff",
                        "IGNORED [global] spool-path",
                        "IGNORED [global] nonsense",
                        "REFUSED [global] repo2-host",
                        "IGNORED [global] repo2-path",
                        "OTHER_FORM [global:restore] process-max",
                        "TAKEN [main] repo1-path",
                        "OTHER_FORM [main] pg1-path",
                        "IGNORED [other] pg1-path");
        assertThat(adoption.report())
                .filteredOn(line -> line.place().equals("default"))
                .extracting(ReportLine::key)
                .contains("compress-type", "repo1-bundle");
        assertThat(adoption.isComplete()).isFalse();
        BackupConfig config = load(adoption.yaml());
        assertThat(config.repositories()).containsOnlyKeys("1");
        assertThat(adoption.printable()).contains("path: /backup/main", "diff: 3");
    }

    @Test
    void secretsAreNowhereButInFilesOfTheirOwner() throws Exception {
        Path file =
                write(
                        "pgbackrest.conf",
                        """
                        [global]
                        repo1-type=s3
                        repo1-s3-key=%s
                        repo1-s3-key-secret=%s
                        repo1-s3-token=TOKEN-X
                        repo1-cipher-type=aes-256-cbc
                        repo1-cipher-pass=%s
                        [main]
                        pg1-path=/data
                        """
                                .formatted(KEY, KEY_SECRET, PASS));

        Adoption adoption = Adoption.of(BackrestConfig.read(file), null, secrets());
        Path yaml = directory.resolve("out/backup.yml");
        Files.createDirectories(directory.resolve("out"));
        adoption.write(yaml);
        adoption.write(yaml);

        assertThat(adoption.printable() + adoption.report())
                .doesNotContain(KEY, KEY_SECRET, "TOKEN-X", "pgBackRest: #1")
                .contains("key: \"***\"", "token: \"***\"");
        try (Stream<Path> files = Files.list(secrets())) {
            assertThat(Stream.concat(files, Stream.of(yaml)).map(AdoptionTest::mode))
                    .hasSize(3)
                    .containsOnly("rw-------");
        }
        Files.writeString(yaml, "something else");
        assertThatThrownBy(() -> adoption.write(yaml))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is left as it is");
        assertThat(yaml).hasContent("something else");
    }

    @Test
    void aBackupThatExpiresByHandOnlyKeepsEverything() throws Exception {
        Path file =
                write(
                        "pgbackrest.conf",
                        "[global]\nexpire-auto=n\nrepo1-retention-full=1\n[main]\npg1-path=/d\n");

        Adoption adoption = Adoption.of(BackrestConfig.read(file), null, secrets());

        BackupConfig.RepositoryConfig repository = repository(load(adoption.yaml()), "1");
        assertThat(repository.retention().full()).isEmpty();
        assertThat(adoption.report())
                .filteredOn(line -> line.verdict() == Verdict.OTHER_FORM)
                .anySatisfy(line -> assertThat(line.text()).contains("everything is kept"));
    }

    @Test
    void refusesFilesThatPgBackRestRefuses() throws IOException {
        Path twice =
                write("twice.conf", "[global]\nrepo1-path=/a\nrepo1-path=/b\n[m]\npg1-path=/d\n");
        Path outside = write("outside.conf", "repo1-path=/a\n");

        assertThatThrownBy(() -> Adoption.of(BackrestConfig.read(twice), null, secrets()))
                .hasMessageContaining("stands already at " + twice + ":2");
        assertThatThrownBy(() -> BackrestConfig.read(outside)).hasMessageContaining(outside + ":1");
        assertThatThrownBy(() -> BackrestConfig.read(directory.resolve("none.conf")))
                .hasMessageContaining("cannot be read");
        List<String> stanzas = List.of("a", "b");
        Path two = write("two.conf", "[a]\npg1-path=/a\n[b:backup]\nprocess-max=1\n");
        assertThatThrownBy(() -> Adoption.of(BackrestConfig.read(two), null, secrets()))
                .hasMessageContaining(String.join(", ", stanzas));
    }

    private Path secrets() {
        return directory.resolve("secrets");
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static BackupConfig load(String yaml) throws Exception {
        return ConfigLoader.loadText("pgnode.yml", NODE + yaml, Map.of()).config().backup();
    }

    private static BackupConfig.RepositoryConfig repository(BackupConfig config, String key) {
        return Optional.ofNullable(config.repositories().get(key)).orElseThrow();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
