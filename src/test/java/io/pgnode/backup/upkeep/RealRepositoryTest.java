package io.pgnode.backup.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.StanzaReport;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two repositories that a real pgbackrest made of a real cluster: the first with bundles and, where
 * it can, blocks; the second encrypted, files alone.
 */
@SuppressWarnings("NullAway.Init") // made before the tests
class RealRepositoryTest {
    private static final String PASS = "correct horse";

    @TempDir static Path directory;

    private static RealPostgres server;
    private static PgBackRest.Configured theirs;
    private static BackupLabel full;
    private static BackupLabel diff;

    @BeforeAll
    static void makeRepositories() throws Exception {
        server = PgBackRest.server("upkeep", Map.of()).bootstrap();
        PgBackRest tool = PgBackRest.newer().orElseGet(PgBackRest::stock);
        Map<String, String> options = new LinkedHashMap<>();
        options.put("compress-type", "zst");
        options.put("repo1-bundle", "y");
        if (PgBackRest.newer().isPresent()) {
            options.put("repo1-block", "y");
        }
        options.put("repo2-path", directory.resolve("repo2").toString());
        options.put("repo2-cipher-type", "aes-256-cbc");
        options.put("repo2-cipher-pass", PASS);
        options.put("repo2-retention-full", "9");
        theirs = tool.with(directory, options, server);
        theirs.must("stanza-create");
        theirs.archive(server);
        Files.createDirectories(directory.resolve("space"));
        server.sql("CREATE TABLESPACE space LOCATION '" + directory.resolve("space") + "'");
        server.sql("CREATE TABLE t TABLESPACE space AS SELECT generate_series(1, 30000) x");
        theirs.must("--repo=1", "--type=full", "--annotation=owner=ann \"a\"", "backup");
        server.sql("UPDATE t SET x = x + 1 WHERE x < 100");
        theirs.must("--repo=1", "--type=diff", "backup");
        theirs.must("--repo=2", "--type=full", "--compress-type=lz4", "backup");
        server.sql("SELECT pg_switch_wal()");
        try (Repository repository = open(1)) {
            full = repository.backups().info().backups().getFirst().label();
            diff = repository.backups().info().backups().getLast().label();
        }
        theirs.must("check");
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @Test
    void infoIsWhatPgBackRestSays() throws Exception {
        assertThat(json(List.of(1, 2), null, null)).isEqualTo(theirs.must("--output=json", "info"));
        assertThat(text(List.of(1, 2), null, null)).isEqualTo(theirs.must("info"));
        assertThat(text(List.of(1, 2), null, BackupType.DIFF))
                .isEqualTo(theirs.must("--type=diff", "info"));
        for (BackupLabel label : List.of(full, diff)) {
            assertThat(json(List.of(1), label, null))
                    .isEqualTo(theirs.must("--output=json", "--repo=1", "--set=" + label, "info"));
            assertThat(text(List.of(1, 2), label, null))
                    .isEqualTo(theirs.must("--set=" + label, "info"));
            assertThat(json(List.of(2), label, null))
                    .isEqualTo(theirs.must("--output=json", "--repo=2", "--set=" + label, "info"));
        }
        BackupLabel other = new BackupLabel("20200101-000000F");
        assertThat(text(List.of(1, 2), other, null))
                .isEqualTo(theirs.must("--set=" + other, "info"));
    }

    @Test
    void infoSaysWhatPgBackRestSaysWhenARepositoryIsAway() throws Exception {
        Path there = directory.resolve("repo2");
        Path away = directory.resolve("repo2-away");
        Files.move(there, away);
        try {
            assertThat(text(List.of(1, 2), null, null)).isEqualTo(theirs.must("info"));
            assertThat(json(List.of(1, 2), null, null))
                    .isEqualTo(theirs.must("--output=json", "info"));
            Files.createDirectories(there.resolve("backup/demo/backup.history"));
            assertThat(json(List.of(2), null, null))
                    .isEqualTo(theirs.must("--output=json", "--repo=2", "info"));
            assertThat(text(List.of(2), null, null)).isEqualTo(theirs.must("--repo=2", "info"));
        } finally {
            MadeUpRepository.remove(there);
            Files.move(away, there);
        }
    }

    @Test
    void infoSeesPgBackRestsLock() throws Exception {
        try (RepositoryLocks.Held held = locks().acquire("demo", RepositoryLocks.Type.BACKUP, 1)) {
            assertThat(text(List.of(1, 2), null, null))
                    .isEqualTo(theirs.must("info"))
                    .contains("status: ok (backup/expire running)");
            held.progress(1_000, 3_000);
            assertThat(text(List.of(1, 2), null, null))
                    .isEqualTo(theirs.must("info"))
                    .contains("33.33% complete");
            assertThat(json(List.of(1, 2), null, null))
                    .isEqualTo(theirs.must("--output=json", "info"));
        }
    }

    @Test
    void annotationsAreSeenByPgBackRest() throws Exception {
        try (Repository repository = open(1)) {
            Map<String, String> before =
                    repository.backups().info().find(diff).orElseThrow().annotation();
            Annotator.annotate(repository, diff, Map.of("key", "välue", "other", "x"));
            assertThat(theirs.must("--set=" + diff, "info")).contains("key: välue", "other: x");
            theirs.must("--repo=1", "--set=" + diff, "--annotation=third=3", "annotate");
            Annotator.annotate(repository, diff, Map.of("key", "", "other", "", "third", ""));
            assertThat(repository.backups().info().find(diff).orElseThrow().annotation())
                    .isEqualTo(before);
        }
    }

    @Test
    void listsWhatPgBackRestLists() throws Exception {
        try (Repository repository = open(1)) {
            for (String path : List.of("", "backup/demo", "archive/demo/archive.info", "none")) {
                for (boolean recursive : new boolean[] {false, true}) {
                    for (boolean descending : new boolean[] {false, true}) {
                        RepoLister ours = new RepoLister(recursive, descending, null);
                        List<String> arguments = new ArrayList<>();
                        arguments.add("--sort=" + (descending ? "desc" : "asc"));
                        if (recursive) {
                            arguments.add("--recurse");
                        }
                        arguments.add("repo-ls");
                        arguments.add(path);
                        arguments.removeIf(String::isEmpty);
                        String[] text = arguments.toArray(String[]::new);
                        assertThat(ours.text(repository.storage(), path))
                                .as("%s", arguments)
                                .isEqualTo(theirs.must(text));
                        arguments.addFirst("--output=json");
                        String[] json = arguments.toArray(String[]::new);
                        assertThat(ours.json(repository.storage(), path) + "\n")
                                .as("%s", arguments)
                                .isEqualTo(theirs.must(json));
                    }
                }
            }
            assertThat(
                            new RepoLister(true, false, Pattern.compile("info$"))
                                    .json(repository.storage(), "archive"))
                    .isEqualTo(
                            theirs.must(
                                            "--output=json",
                                            "--recurse",
                                            "--filter=info$",
                                            "repo-ls",
                                            "archive")
                                    .strip());
        }
    }

    @Test
    void verifyFindsNothingWrongInWhatIsGood() throws Exception {
        for (int key : List.of(1, 2)) {
            VerifyReport report = verify(copy(key, "good"), key);
            assertThat(report.damages()).as("repo%s", key).isEmpty();
            assertThat(report.backups())
                    .hasSize(key == 1 ? 2 : 1)
                    .allMatch(backup -> backup.status() == VerifyReport.Status.VALID)
                    .allMatch(backup -> backup.files() > 900);
            assertThat(report.archives()).hasSize(1);
            assertThat(report.archives().getFirst().gaps()).isEmpty();
            assertThat(report.bytes()).isGreaterThan(3_000_000);
        }
    }

    @Test
    void aFlippedByteInAnyFileIsFound() throws Exception {
        for (int key : List.of(1, 2)) {
            flip(key, 0);
        }
    }

    @Test
    @Tag("soak")
    void aFlippedByteInAnyFileIsFoundAlways() throws Exception {
        for (int seed = 1; seed < 50; seed++) {
            flip(1 + seed % 2, seed);
        }
    }

    /** One byte of each file, then one of each info file that the others are read by. */
    private void flip(int key, long seed) throws Exception {
        Random random = new Random(seed);
        Path copy = copy(key, "flipped" + seed);
        assertThat(verify(copy, key).isClean()).isTrue();
        List<Path> files = filesOf(copy);
        Set<String> flipped = new TreeSet<>();
        for (Path file : files) {
            if (!isKey(file)) {
                flip(file, random);
                flipped.add(copy.relativize(file).toString());
            }
        }
        assertThat(damaged(verify(copy, key))).as("repo%s seed %s", key, seed).containsAll(flipped);
        MadeUpRepository.remove(copy);

        Path keys = copy(key, "keys" + seed);
        Set<String> flippedKeys = new TreeSet<>();
        for (Path file : filesOf(keys)) {
            if (isKey(file)) {
                flip(file, random);
                flippedKeys.add(keys.relativize(file).toString());
            }
        }
        assertThat(flippedKeys).hasSizeGreaterThan(2);
        assertThat(damaged(verify(keys, key)))
                .as("repo%s seed %s", key, seed)
                .isEqualTo(flippedKeys);
        MadeUpRepository.remove(keys);
    }

    @Test
    void missingFilesAreNamedAndTheirBackupsInvalid() throws Exception {
        Path copy = copy(1, "missing");
        Path bundle = copy.resolve("backup/demo/" + full + "/bundle/1");
        Files.delete(bundle);
        Path wal =
                filesOf(copy).stream()
                        .filter(file -> file.toString().endsWith(".zst"))
                        .filter(file -> file.toString().contains("/archive/"))
                        .filter(file -> isNeededBy(diff, file))
                        .findFirst()
                        .orElseThrow();
        Files.delete(wal);

        VerifyReport report = verify(copy, 1);

        assertThat(report.damages())
                .anyMatch(
                        damage ->
                                damage.path().endsWith("/bundle/1")
                                        && damage.problem().equals("is missing"))
                .anyMatch(damage -> damage.problem().contains("backup " + diff + " needs it"));
        assertThat(report.backups())
                .allMatch(backup -> backup.status() == VerifyReport.Status.INVALID);
        assertThat(report.archives().getFirst().gaps()).hasSize(1);
        assertThat(report.lines()).anyMatch(line -> line.contains("lacks 0000"));
    }

    private static boolean isNeededBy(BackupLabel label, Path file) {
        try (Repository repository = open(1)) {
            return repository.backups().info().find(label).orElseThrow().archiveStart() != null
                    && file.getFileName()
                            .toString()
                            .startsWith(
                                    ""
                                            + repository
                                                    .backups()
                                                    .info()
                                                    .find(label)
                                                    .orElseThrow()
                                                    .archiveStart());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without it others cannot be read, except by its copy. */
    private static boolean isKey(Path file) {
        String name = file.getFileName().toString();
        return name.equals("archive.info")
                || name.equals("backup.info")
                || name.equals("backup.manifest");
    }

    private static void flip(Path file, Random random) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[random.nextInt(content.length)] ^= (byte) (1 + random.nextInt(255));
        Files.write(file, content);
    }

    private static Set<String> damaged(VerifyReport report) {
        return report.damages().stream()
                .map(VerifyReport.Damage::path)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static VerifyReport verify(Path root, int key) throws Exception {
        try (Repository repository = open(root, key)) {
            return new Verifier(repository, 2).run();
        }
    }

    private static List<Path> filesOf(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                    .filter(file -> !file.startsWith(root.resolve("pgnode")))
                    .sorted()
                    .toList();
        }
    }

    private static Path copy(int key, String name) throws IOException {
        Path from = root(key);
        Path to = directory.resolve(name + key);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file) && !Files.isSymbolicLink(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, java.nio.file.LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
        return to;
    }

    private static Path root(int key) {
        return key == 1 ? theirs.repository() : directory.resolve("repo2");
    }

    private static Repository open(int key) throws Exception {
        return open(root(key), key);
    }

    private static Repository open(Path root, int key) throws Exception {
        return Repository.open(
                new RepositorySettings(
                        key,
                        new StorageSettings.Posix(root),
                        PgBackRest.STANZA,
                        key == 1 ? CipherType.NONE : CipherType.AES_256_CBC,
                        key == 1 ? null : new Secret(PASS)));
    }

    private static RepositoryLocks locks() {
        return new RepositoryLocks(theirs.lockPath());
    }

    private static String json(
            List<Integer> keys, @Nullable BackupLabel set, @Nullable BackupType type)
            throws Exception {
        return StanzaReport.json(List.of(report(keys, set, type)));
    }

    private static String text(
            List<Integer> keys, @Nullable BackupLabel set, @Nullable BackupType type)
            throws Exception {
        return StanzaReport.text(List.of(report(keys, set, type)), ZoneId.systemDefault());
    }

    private static StanzaReport report(
            List<Integer> keys, @Nullable BackupLabel set, @Nullable BackupType type)
            throws Exception {
        List<Repository> repositories = new ArrayList<>();
        try {
            for (int key : keys) {
                repositories.add(open(key));
            }
            return Info.gather(repositories, locks(), set, type);
        } finally {
            repositories.forEach(Repository::close);
        }
    }
}
