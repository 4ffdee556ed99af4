package io.pgnode.backup.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that real pgbackrests wrote, of full, differential and incremental backups. */
class BackrestFilesTest {
    @TempDir private static Path directory;

    private static RealPostgres server;

    @BeforeAll
    static void backUp() throws Exception {
        server = PgBackRest.server("files", Map.of()).bootstrap();
        Path data = server.settings().dataDir();
        Path space = Files.createDirectory(server.root().resolve("space"));
        server.sql("CREATE TABLESPACE odd_space LOCATION '" + space + "'");
        server.sql("CREATE DATABASE \"odd=\"\"db {}\"");
        server.sql("CREATE TABLE t TABLESPACE odd_space AS SELECT generate_series(1, 50000) a");
        makeOddFiles(data);
        for (PgBackRest tool : PgBackRest.all()) {
            boolean isNewer = !tool.version().equals("2.45");
            PgBackRest.Configured configured =
                    tool.with(
                            Files.createDirectory(directory.resolve(tool.version())),
                            Map.of(
                                    "compress-type",
                                    isNewer ? "zst" : "gz",
                                    "process-max",
                                    "2",
                                    "repo1-bundle",
                                    "y",
                                    isNewer ? "repo1-block" : "buffer-size",
                                    isNewer ? "y" : "1MiB"),
                            server);
            configured.must("stanza-create");
            configured.archive(server);
            backUp(configured, "full", "--annotation=key=va\"l\\ü", "--annotation=b=2");
            backUp(configured, "diff");
            backUp(configured, "incr", "--no-repo1-bundle");
            // The mode of the data directory is what the others are written against.
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-x---"));
            backUp(configured, "full", "--compress-type=none");
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static void backUp(PgBackRest.Configured configured, String type, String... options)
            throws Exception {
        configured.must(
                Stream.concat(
                                Stream.of("backup", "--type=" + type),
                                Stream.of(options).filter(option -> !option.equals("-n")))
                        .toArray(String[]::new));
        server.sql("UPDATE t SET a = a + 1 WHERE a < 1000");
        server.sql("CHECKPOINT");
    }

    private static void makeOddFiles(Path data) throws IOException {
        for (String name : List.of("a=b={}", "#hash", "[section]", " q\"\\ü \t\u0001=\"\"")) {
            Files.writeString(data.resolve(name), "odd");
        }
        Files.createFile(data.resolve("empty"));
        Files.createSymbolicLink(data.resolve("link.conf"), data.resolveSibling("linked.conf"));
        Files.writeString(data.resolveSibling("linked.conf"), "linked");
        // Names that are not UTF-8 cannot be made from Java.
        run("sh", "-c", "printf x > \"" + data + "/$(printf 'bad\\377\\303name')\"");
        Path secret = Files.writeString(data.resolve("strict"), "x");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--------"));
    }

    private static void run(String... line) throws IOException {
        try {
            assertThat(new ProcessBuilder(line).inheritIO().start().waitFor()).isZero();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static List<Path> written(String glob) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().matches(glob))
                    .filter(file -> !file.toString().contains("latest"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void manifestsAreRenderedAsTheyWere() throws Exception {
        List<Path> manifests = written("backup\\.manifest");
        assertThat(manifests).hasSize(4 * PgBackRest.all().size());
        for (Path file : manifests) {
            byte[] bytes = Files.readAllBytes(file);
            Manifest manifest = Manifest.parse(bytes);
            assertSame(manifest.render(), bytes);
            assertSame(manifest.toBuilder().build().render(), bytes);
        }
    }

    private static void assertSame(byte[] actual, byte[] expected) {
        if (!java.util.Arrays.equals(actual, expected)) {
            assertThat(new String(actual, StandardCharsets.ISO_8859_1))
                    .isEqualTo(new String(expected, StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void manifestsInTheHistoryAreTheSame() throws Exception {
        List<Path> history = written(".*\\.manifest\\.gz");
        assertThat(history).isNotEmpty();
        for (Path file : history) {
            byte[] bytes =
                    new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))
                            .readAllBytes();
            assertSame(Manifest.parse(bytes).render(), bytes);
        }
    }

    @Test
    void archiveInfoIsRenderedAsItWas() throws Exception {
        for (Path file : written("archive\\.info(\\.copy)?")) {
            byte[] bytes = Files.readAllBytes(file);
            assertSameButVersion(ArchiveInfo.parse(bytes).render(), bytes);
        }
    }

    @Test
    void backupInfoIsRenderedAsItWas() throws Exception {
        for (Path file : written("backup\\.info(\\.copy)?")) {
            byte[] bytes = Files.readAllBytes(file);
            BackupInfo info = BackupInfo.parse(bytes);
            assertThat(info.backups()).hasSize(4);
            assertSameButVersion(info.render(), bytes);
        }
    }

    /** We write a version of our own choice, which the checksum covers. */
    private static void assertSameButVersion(byte[] actual, byte[] expected) {
        String text = new String(expected, StandardCharsets.UTF_8);
        String ours = new String(actual, StandardCharsets.UTF_8);
        if (text.contains("\nbackrest-version=\"2.55.1\"\n")) {
            assertThat(ours).isEqualTo(text);
        }
        assertThat(withoutVersion(ours)).isEqualTo(withoutVersion(text));
    }

    private static String withoutVersion(String text) {
        return text.replaceFirst("\nbackrest-version=\"[^\"]*\"", "")
                .replaceFirst("\nbackrest-checksum=\"[^\"]*\"", "");
    }

    @Test
    void summariesAreThoseOfBackupInfo() throws Exception {
        for (Path file : written("backup\\.info")) {
            BackupInfo info = BackupInfo.parse(Files.readAllBytes(file));
            for (BackupSummary summary : info.backups()) {
                Path manifest = file.resolveSibling(summary.label() + "/backup.manifest");
                assertThat(Manifest.parse(Files.readAllBytes(manifest)).summary())
                        .isEqualTo(summary);
            }
        }
    }

    @Test
    void filesAreFoundByTheirNames() throws Exception {
        Manifest manifest =
                Manifest.parse(Files.readAllBytes(written("backup\\.manifest").getFirst()));
        for (int i = 0; i < manifest.fileCount(); i++) {
            ManifestFile file = manifest.file(i);
            assertThat(manifest.find(file.name())).contains(file);
        }
        assertThat(manifest.find("pg_data/no such file")).isEmpty();
        assertThat(manifest.find("pg_data/bad\uDCFF\uDCC3name")).isPresent();
        assertThat(manifest.find("pg_data/a=b={}")).isPresent();
    }

    @Test
    void aFlippedByteIsNoticed() throws Exception {
        for (Path file :
                List.of(
                        written("backup\\.info").getFirst(),
                        written("archive\\.info").getFirst())) {
            byte[] good = Files.readAllBytes(file);
            for (int i = 0; i < good.length; i++) {
                byte[] bad = good.clone();
                bad[i] ^= 1;
                assertNotParsed(file, bad, i);
            }
            for (int length = 0; length < good.length; length += 7) {
                assertNotParsed(file, java.util.Arrays.copyOf(good, length), length);
            }
        }
    }

    private static void assertNotParsed(Path file, byte[] bad, int where) {
        try {
            if (file.endsWith("archive.info")) {
                ArchiveInfo.parse(bad);
            } else {
                BackupInfo.parse(bad);
            }
        } catch (FormatException e) {
            return;
        }
        throw new AssertionError("damage at byte " + where + " of " + file + " was not noticed");
    }

    @Test
    void aHundredThousandFilesAreReadQuickly() throws Exception {
        Manifest small =
                Manifest.parse(Files.readAllBytes(written("backup\\.manifest").getFirst()));
        Manifest.Builder builder = small.toBuilder();
        ManifestFile like = small.find("pg_data/PG_VERSION").orElseThrow();
        for (int i = 0; i < 100_000; i++) {
            builder.file(
                    new ManifestFile(
                            "pg_data/base/5/" + i,
                            8192,
                            8192,
                            like.timestamp(),
                            like.checksum(),
                            like.repoChecksum(),
                            100 + i,
                            1 + i / 1000,
                            i,
                            null,
                            null,
                            PageCheck.VALID,
                            like.user(),
                            like.group(),
                            like.mode()));
        }
        byte[] bytes = builder.build().render();
        long from = System.nanoTime();
        assertThat(Manifest.parse(bytes).render()).isEqualTo(bytes);
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(10));
    }
}
