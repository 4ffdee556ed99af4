package io.pgnode.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.TargetAction;
import io.pgnode.backup.restore.core.WalReach;
import io.pgnode.backup.storage.RawPaths;
import io.pgnode.model.Lsn;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.SmallDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Backups that real pgBackRest made, restored by us, judged by PostgreSQL's own tools. */
class RestoreTest {
    private static RestoreLab lab;
    private static PgBackRest.Configured stock;
    private static PgBackRest.Configured latest;
    private static String stockFull;
    private static String latestFull;
    private static String latestIncr;
    private static String latestDiff;
    private final List<Path> made = new ArrayList<>();

    @BeforeAll
    static void makeBackups() throws Exception {
        lab = new RestoreLab(RestoreLab.directory());
        stock =
                lab.repository(
                        PgBackRest.stock(),
                        "stock",
                        Map.of("compress-type", "lz4", "process-max", "2"));
        lab.commit();
        stockFull = lab.backup(stock, "full");
        latest =
                lab.repository(
                        PgBackRest.newer().orElseGet(PgBackRest::stock),
                        "latest",
                        Map.of(
                                "compress-type",
                                "zst",
                                "process-max",
                                "2",
                                "repo1-bundle",
                                "y",
                                "repo1-block",
                                PgBackRest.newer().isPresent() ? "y" : "n",
                                "cipher",
                                ""));
        latestFull = lab.backup(latest, "full");
        lab.touch();
        lab.commit();
        latestIncr = lab.backup(latest, "incr");
        lab.touch();
        latestDiff = lab.backup(latest, "diff");
        for (int i = 0; i < 6; i++) {
            lab.commit();
        }
        lab.server().sql("SELECT pg_create_restore_point('here')");
        lab.commit();
        lab.commit();
        lab.switchWal();
    }

    @AfterAll
    static void removeAll() throws Exception {
        lab.close();
        delete(lab.root());
    }

    @AfterEach
    void removeRestored() throws Exception {
        for (Path path : made) {
            delete(path);
        }
    }

    private static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private RestoreRequest.Builder request(PgBackRest.Configured from, String directory) {
        made.add(lab.root().resolve(directory));
        return lab.request(from, directory).toBuilder();
    }

    @Test
    void restoresAStockBackupThatStarts() throws Exception {
        RestoreRequest request =
                request(stock, "a")
                        .target(new RestoreTarget.Immediate())
                        .action(TargetAction.PROMOTE)
                        .build();

        RestoreResult result = RestoreLab.restore(stock, request);

        assertThat(result.backup().text()).isEqualTo(stockFull);
        RestoreLab.verify(request.dataDir());
        assertThat(request.dataDir().resolve(Manifest.FILE)).doesNotExist();
        assertThat(request.dataDir().resolve("extra")).isSymbolicLink();
        assertThat(request.dataDir().resolve("extra.conf")).isSymbolicLink();
        assertThat(lab.root().resolve("a/extra/a")).hasContent("linked");
        assertThat(RawPaths.resolve(lab.root().resolve("a/extra"), RestoreLab.ODD_NAME)).exists();
        assertThat(lab.root().resolve("a/conf/extra.conf")).hasContent("# a linked file");
        assertThat(Files.getPosixFilePermissions(request.dataDir()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        try (RestoredServer server = new RestoredServer(request.dataDir()).primary()) {
            assertThat(server.first("SELECT count(*) FROM ledger")).isEqualTo("1");
            assertThat(server.first("SELECT count(*) FROM scratch")).isEqualTo("0");
            assertThat(server.first("SELECT count(*) FROM big")).isEqualTo("40000");
            server.stopAndCheck();
        }
    }

    @Test
    void restoresChainsOfBlocksInBundlesEncrypted() throws Exception {
        for (String label : List.of(latestFull, latestIncr, latestDiff)) {
            RestoreRequest request =
                    request(latest, "b").set(label).delta(!label.equals(latestFull)).build();

            RestoreLab.restore(latest, request);

            RestoreLab.verify(request.dataDir());
        }
        Path data = lab.root().resolve("b/data");
        archiveGet(latest, data, latestDiff);
        RestoreLab.run("pg_verifybackup", null, data.toString());
        try (RestoredServer server = new RestoredServer(data).primary()) {
            assertThat(server.all("SELECT id FROM ledger ORDER BY id"))
                    .hasSize(lab.ledger().size());
            server.amcheck();
            server.stopAndCheck();
        }
    }

    /** The WAL that a backup needs, where the server would have it. */
    private static void archiveGet(PgBackRest.Configured from, Path data, String label)
            throws Exception {
        try (Repository repository = RestoreLab.open(from, 1)) {
            Manifest manifest = repository.backups().manifest(new BackupLabel(label));
            String segment = String.valueOf(manifest.header().archiveStart());
            from.must("--pg1-path=" + data, "archive-get", segment, data + "/pg_wal/" + segment);
        }
    }

    @Test
    void deltaWritesOnlyWhatDiffers() throws Exception {
        RestoreRequest request = request(latest, "c").set(latestFull).build();
        RestoreLab.restore(latest, request);
        Path data = request.dataDir();
        Path big = onlyLarge(lab.root().resolve("c/spaces/space"));
        try (RandomAccessFile file = new RandomAccessFile(big.toFile(), "rw")) {
            file.seek(10_000);
            file.write(1);
        }
        Files.delete(data.resolve("base/1/1255"));
        Files.setLastModifiedTime(data.resolve("PG_VERSION"), FileTime.from(Instant.EPOCH));
        Files.setPosixFilePermissions(
                data.resolve("base/1/1249"), PosixFilePermissions.fromString("r--------"));
        Files.writeString(Files.createDirectory(data.resolve("base/99")).resolve("1"), "extra");
        Files.writeString(data.resolve("pg_wal/000000010000000000000001"), "old");
        Files.writeString(data.resolve("postmaster.pid"), "999999\n/nowhere\n");
        Path kept = data.resolve("base/1/1247");
        Object before = Files.getAttribute(kept, "unix:ino");

        RestoreResult result = RestoreLab.restore(latest, request.toBuilder().delta(true).build());

        RestoreLab.verify(data);
        // The two, postgresql.auto.conf, and pg_control.
        assertThat(result.filesWritten()).isEqualTo(4);
        assertThat(result.removed()).isGreaterThanOrEqualTo(4);
        assertThat(data.resolve("base/99")).doesNotExist();
        assertThat(data.resolve("pg_wal/000000010000000000000001")).doesNotExist();
        assertThat(Files.getAttribute(kept, "unix:ino")).isEqualTo(before);
        assertThat(Files.getLastModifiedTime(data.resolve("PG_VERSION")).toInstant())
                .isAfter(Instant.EPOCH);
        assertThat(Files.getPosixFilePermissions(data.resolve("base/1/1249")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    private static Path onlyLarge(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    /** Steps of a restore and of those that go on with it, in their order, some of many. */
    private static final List<StopAt> STOPS =
            List.of(
                    new StopAt("make directory", 1),
                    new StopAt("take", 1),
                    new StopAt("write .*/backup[.]manifest", 1),
                    new StopAt("make directory", 5),
                    new StopAt("make link", 1),
                    new StopAt("after .*/pg_tblspc/", 1),
                    new StopAt("write .*/base/", 1),
                    new StopAt("write .*/base/", 300),
                    new StopAt("write .*/base/", 200),
                    new StopAt("write .*pg_control.pgnode.tmp", 1),
                    new StopAt("write .*/postgresql.auto.conf", 1),
                    new StopAt("write .*/recovery.signal", 1),
                    new StopAt("write .*/backup[.]manifest", 1),
                    new StopAt("sync files", 1),
                    new StopAt("sync directories", 1),
                    new StopAt("rename", 1));

    @Test
    void anInterruptedRestoreCannotStartAndDeltaGoesOn() throws Exception {
        RestoreRequest request = request(latest, "d").set(latestIncr).build();
        RestoreRequest delta = request.toBuilder().delta(true).build();
        for (StopAt stop : STOPS) {
            RestoreRequest next = stop.equals(STOPS.getFirst()) ? request : delta;

            assertThatThrownBy(() -> RestoreLab.restore(latest, next, stop.steps()), stop.what())
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("stopped at step");

            assertThat(mayStart(request.dataDir())).isFalse();
        }
        assertThatThrownBy(
                        () ->
                                RestoreLab.restore(
                                        latest,
                                        delta,
                                        new StopAt("remove .*/backup[.]manifest", 1).steps()))
                .hasMessageContaining("stopped at step");
        // All is there and durable; only the mark is left.
        RestoreLab.run("pg_controldata", null, request.dataDir().toString());
        assertThat(request.dataDir().resolve(Manifest.FILE)).exists();

        RestoreLab.restore(latest, delta);

        RestoreLab.verify(request.dataDir());
        assertThat(request.dataDir().resolve(Manifest.FILE)).doesNotExist();
    }

    private static boolean mayStart(Path data) {
        return Files.exists(data.resolve("global/pg_control"));
    }

    /** Fails at a step, and at all that other threads would still do. */
    private record StopAt(String what, int count) {
        Steps steps() {
            AtomicInteger seen = new AtomicInteger();
            Pattern pattern = Pattern.compile(what);
            return step -> {
                int now = pattern.matcher(step).lookingAt() ? seen.incrementAndGet() : seen.get();
                if (now >= count) {
                    throw new IOException("stopped at step " + step);
                }
            };
        }
    }

    @Test
    void recoversExactlyToItsTargets() throws Exception {
        RestoreLab.Entry middle = lab.ledger().get(4);
        int named = lab.ledger().size() - 2;
        Map<RestoreTarget, Integer> expected =
                Map.of(
                        RestoreTarget.parse("time", middle.at(), false, ZoneOffset.UTC),
                        middle.id(),
                        RestoreTarget.parse("xid", middle.xid(), true, ZoneOffset.UTC),
                        middle.id() - 1,
                        RestoreTarget.parse("lsn", middle.before(), false, ZoneOffset.UTC),
                        middle.id(),
                        new RestoreTarget.Name("here"),
                        named);
        boolean isFirst = true;
        for (Map.Entry<RestoreTarget, Integer> entry : expected.entrySet()) {
            RestoreRequest request =
                    request(latest, "e").target(entry.getKey()).delta(!isFirst).build();
            isFirst = false;

            RestoreLab.restore(latest, request);

            try (RestoredServer server = new RestoredServer(request.dataDir()).recovered()) {
                assertThat(server.all("SELECT id FROM ledger ORDER BY id"))
                        .as(entry.getKey().describe())
                        .isEqualTo(
                                IntStream.rangeClosed(1, entry.getValue())
                                        .mapToObj(Integer::toString)
                                        .toList());
            }
        }
    }

    @Test
    void aPlanSaysEverythingAndChangesNothing() throws Exception {
        RestoreRequest request =
                request(latest, "f")
                        .set(latestIncr)
                        .target(
                                new RestoreTarget.Position(
                                        Lsn.parse(lab.ledger().getLast().after()), true))
                        .build();
        try (Repository repository = RestoreLab.open(latest, 1)) {
            RestorePlan plan =
                    new Restore(List.of(repository), null, System::nanoTime).plan(request);

            assertThat(plan.problems()).isEmpty();
            assertThat(plan.chain().stream().map(BackupLabel::text))
                    .containsExactly(latestFull, latestIncr);
            assertThat(plan.timelines()).containsExactly(1);
            assertThat(java.util.Objects.requireNonNull(plan.wal()).verdict())
                    .isEqualTo(WalReach.Verdict.REACHABLE);
            assertThat(plan.text())
                    .contains("tablespace space", "link extra.conf", "space ", "all WAL is there");
            assertThat(request.dataDir()).doesNotExist();

            RestorePlan far =
                    new Restore(List.of(repository), null, System::nanoTime)
                            .plan(
                                    request.toBuilder()
                                            .target(
                                                    new RestoreTarget.Position(
                                                            Lsn.parse("F/0"), true))
                                            .tablespaceMap(Map.of("nope", Path.of("/x")))
                                            .build());
            assertThat(far.problems())
                    .extracting(RestorePlan.Problem::exit)
                    .containsExactly(BackrestExit.TABLESPACE_MAP, BackrestExit.ARCHIVE_TIMEOUT);
        }
    }

    @Test
    void whatMustNotBeOverwrittenIsNot() throws Exception {
        Path data = lab.root().resolve("g/data");
        Files.createDirectories(data);
        Path other = Files.writeString(data.resolve("precious"), "data");
        RestoreRequest request = request(latest, "g").build();

        refused(request, BackrestExit.PATH_NOT_EMPTY, "is not empty");
        refused(
                request.toBuilder().delta(true).build(),
                BackrestExit.PATH_NOT_EMPTY,
                "not a data directory");
        refused(
                RestoreRequest.of(lab.server().settings().dataDir(), "x").toBuilder()
                        .delta(true)
                        .build(),
                BackrestExit.POSTGRES_RUNNING,
                "a server runs in");
        assertThat(other).hasContent("data");
    }

    @Test
    void anotherClustersDirectoryIsOverwrittenOnlyByForce() throws Exception {
        try (RealPostgres other = RealPostgres.create("other").bootstrapAnew()) {
            other.instance().stop(io.pgnode.postgres.StopMode.FAST, RealPostgres.LIMIT);
            RestoreRequest request =
                    RestoreRequest.of(other.settings().dataDir(), "x").toBuilder()
                            .tablespaceMapAll(other.root().resolve("spaces"))
                            .delta(true)
                            .build();

            refused(request, BackrestExit.DB_MISMATCH, "system identifier");

            RestoreRequest forced = request.toBuilder().otherSystem(true).build();
            RestoreLab.restore(latest, forced);
            RestoreLab.verify(forced.dataDir());
        }
    }

    private static void refused(RestoreRequest request, BackrestExit exit, String text) {
        assertThatThrownBy(() -> RestoreLab.restore(latest, request))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.exit()).isEqualTo(exit))
                .hasMessageContaining(text);
    }

    @Test
    void aFlippedByteIsNamedOrHealedFromTheOtherRepository() throws Exception {
        Path copy = lab.root().resolve("damaged");
        made.add(copy);
        copyTree(latest.repository(), copy.resolve("repo"));
        PgBackRest.Configured damaged =
                latest.tool()
                        .with(
                                copy,
                                Map.of(
                                        "repo1-cipher-type",
                                        "aes-256-cbc",
                                        "repo1-cipher-pass",
                                        RestoreLab.PASS),
                                lab.server());
        String name = flip(damaged);
        RestoreRequest request = request(damaged, "h").set(latestFull).build();

        assertThatThrownBy(() -> RestoreLab.restore(damaged, request))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("bundle/");
        assertThat(mayStart(request.dataDir())).isFalse();

        try (Repository first = RestoreLab.open(damaged, 1);
                Repository second = RestoreLab.open(latest, 2)) {
            RestoreResult result =
                    new Restore(
                                    List.of(first, second),
                                    new RepositoryLocks(damaged.lockPath()),
                                    System::nanoTime)
                            .run(request.toBuilder().delta(true).build(), Progress.NONE);
            assertThat(result.healed()).containsExactly(name);
        }
        RestoreLab.verify(request.dataDir());
    }

    /** Flips a byte of a bundled file of the full backup; returns its name. */
    private static String flip(PgBackRest.Configured damaged) throws Exception {
        try (Repository repository = RestoreLab.open(damaged, 1)) {
            Manifest manifest = repository.backups().manifest(new BackupLabel(latestFull));
            ManifestFile file = manifest.find("pg_data/base/1/1255").orElseThrow();
            Path bundle =
                    damaged.repository()
                            .resolve(repository.backups().directory(manifest.label()))
                            .resolve("bundle/" + file.bundleId());
            try (RandomAccessFile bytes = new RandomAccessFile(bundle.toFile(), "rw")) {
                long at = file.bundleOffset() + 2000;
                bytes.seek(at);
                int old = bytes.read();
                bytes.seek(at);
                bytes.write(old ^ 4);
            }
            return file.name();
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    @Test
    @EnabledIf("io.pgnode.testing.Capabilities#mount")
    void aFullDiskIsSaidAndDeltaGoesOnWhenThereIsRoom() throws Exception {
        Path mountPoint = lab.root().resolve("i");
        made.add(mountPoint);
        SmallDisk disk = SmallDisk.mount(mountPoint, 20);
        try {
            RestoreRequest request = request(latest, "i").build();

            // The plan knows.
            refused(request, BackrestExit.FILE_WRITE, "bytes free");

            disk.unmount();
            disk = SmallDisk.mount(mountPoint, 80);
            SmallDisk filled = disk;
            assertThatThrownBy(
                            () ->
                                    RestoreLab.restore(
                                            latest,
                                            request,
                                            what -> {
                                                if (what.endsWith("base/1/1255")) {
                                                    filled.fill();
                                                }
                                            }))
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            e -> assertThat(e.exit()).isEqualTo(BackrestExit.FILE_WRITE))
                    .hasMessageContaining("No space left")
                    .hasMessageContaining(request.dataDir() + "/base/")
                    .hasMessageContaining("make room");
            assertThat(mayStart(request.dataDir())).isFalse();

            disk.free();
            RestoreLab.restore(latest, request.toBuilder().delta(true).build());
            RestoreLab.verify(request.dataDir());
        } finally {
            disk.unmount();
        }
    }
}
