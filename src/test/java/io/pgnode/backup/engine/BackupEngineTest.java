package io.pgnode.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.engine.BackupLab.Kind;
import io.pgnode.backup.engine.BackupResult.DamagedPages;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageException;
import io.pgnode.backup.storage.Storages;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseAddress;
import io.pgnode.testing.FaultyStorage;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the engine writes, with a real pgbackrest as the judge. */
class BackupEngineTest {
    private static RealPostgres server;
    private static PgBackRest newer;
    @TempDir private Path directory;

    @BeforeAll
    static void start() throws Exception {
        Optional<PgBackRest> found = PgBackRest.newer();
        Assumptions.assumeTrue(
                found.isPresent(), "needs a pgbackrest whose format is the final one");
        newer = found.orElseThrow();
        server = BackupLab.server("engine");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private BackupLab lab(Kind kind) throws Exception {
        return BackupLab.create(server, directory.resolve(kind.toString()), newer, kind);
    }

    private static Kind usual() {
        return new Kind(CompressType.ZST, true, true, false);
    }

    @Test
    void aChainOfOursIsVerifiedAndRestoredByPgBackRest() throws Exception {
        BackupLab lab = lab(usual());
        BackupResult full = lab.ours(BackupType.INCR);
        assertThat(full.type()).isEqualTo(BackupType.FULL);
        assertThat(lab.notes).anyMatch(note -> note.contains("incr becomes full"));
        lab.change(1);
        BackupResult diff = lab.ours(BackupType.DIFF);
        lab.change(2);
        BackupResult incr = lab.ours(BackupType.INCR);
        assertThat(incr.summary().prior()).isEqualTo(diff.label());
        assertThat(incr.summary().sizes().repoSizeDelta())
                .isLessThan(full.summary().sizes().repoSizeDelta() / 4);
        assertThat(incr.damaged()).isEmpty();
        lab.verify();
        lab.restoreAndCompare(incr.label());
    }

    @Test
    void chainsAlternateWithPgBackRest() throws Exception {
        BackupLab lab = lab(new Kind(CompressType.LZ4, true, true, true));
        lab.theirs(BackupType.FULL);
        lab.change(3);
        lab.ours(BackupType.INCR);
        lab.change(4);
        lab.theirs(BackupType.INCR);
        lab.change(5);
        BackupResult last = lab.ours(BackupType.INCR);
        assertThat(last.summary().reference()).isNotEmpty();
        lab.verify();
        lab.restoreAndCompare(last.label());
    }

    @Test
    void writesTheManifestThatPgBackRestWrites() throws Exception {
        BackupLab lab = lab(usual());
        lab.theirs(BackupType.FULL);
        lab.ours(BackupType.FULL);
        try (Repository repository = Repository.open(lab.repository)) {
            var labels = repository.backups().labels();
            Manifest theirs = repository.backups().manifest(labels.getFirst());
            Manifest ours = repository.backups().manifest(labels.getLast());
            assertThat(ours.paths()).isEqualTo(theirs.paths());
            assertThat(ours.links()).isEqualTo(theirs.links());
            assertThat(ours.targets()).isEqualTo(theirs.targets());
            assertThat(ours.databases()).isEqualTo(theirs.databases());
            assertThat(ours.database()).isEqualTo(theirs.database());
            assertThat(sizes(ours)).containsExactlyInAnyOrderElementsOf(sizes(theirs));
            assertThat(ours.files().filter(BackupEngineTest::isStill).map(BackupEngineTest::facts))
                    .containsExactlyInAnyOrderElementsOf(
                            theirs.files()
                                    .filter(BackupEngineTest::isStill)
                                    .map(BackupEngineTest::facts)
                                    .toList());
        }
    }

    private static List<String> sizes(Manifest manifest) {
        return manifest.files()
                .filter(file -> !file.name().equals("pg_data/backup_label"))
                .map(file -> file.name() + " " + file.size())
                .toList();
    }

    /** Of those that a checkpoint does not change. */
    private static boolean isStill(io.pgnode.backup.core.ManifestFile file) {
        return file.name().matches("pg_data/(base|postgresql|pg_hba|PG_V).*");
    }

    private static String facts(io.pgnode.backup.core.ManifestFile file) {
        return file.name()
                + " "
                + file.checksum()
                + " "
                + file.pageCheck()
                + " "
                + (file.block() == null ? 0 : file.block().blockSize())
                + " "
                + file.isBundled()
                + " "
                + file.mode()
                + file.user()
                + file.group()
                + file.timestamp();
    }

    @Test
    void namesFileAndBlockOfADamagedPage() throws Exception {
        BackupLab lab = lab(new Kind(CompressType.NONE, true, true, false));
        String file = String.valueOf(server.sql("SELECT pg_relation_filepath('t')"));
        Path path = server.settings().dataDir().resolve(file);
        long at = 3 * 8192 + 5000;
        byte[] before = new byte[16];
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.seek(at);
            raw.readFully(before);
            raw.seek(at);
            raw.write(new byte[] {1, 2, 3, 4});
        }
        try {
            BackupResult result = lab.ours(BackupType.FULL);
            assertThat(result.damaged()).containsExactly(new DamagedPages("pg_data/" + file, 3, 3));
            assertThat(result.summary().error()).isTrue();
            assertThat(lab.notes).anyMatch(note -> note.contains(file + " block 3"));
        } finally {
            try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
                raw.seek(at);
                raw.write(before);
            }
        }
        lab.verify();
    }

    @Test
    void aStoppedBackupIsGoneOnWith() throws Exception {
        BackupLab lab = lab(usual());
        StopRequest stop = new StopRequest();
        lab.options = lab.options.toBuilder().saveBytes(0).rate(8 << 20).workers(1).build();
        Progress stopping =
                new Progress() {
                    @Override
                    public void at(Status status) {
                        if (status.phase() == Phase.COPY && status.bytesDone() > 6 << 20) {
                            stop.request();
                        }
                    }

                    @Override
                    public void note(String sentence) {}
                };
        assertThatThrownBy(() -> BackupLab.engine(stop).run(lab.request(BackupType.FULL), stopping))
                .isInstanceOfSatisfying(
                        BackupException.class,
                        e -> assertThat(e.exit()).isEqualTo(BackrestExit.TERMINATED));
        List<Path> stored = objects(lab);
        assertThat(stored).isNotEmpty();
        lab.options = lab.options.toBuilder().rate(0).build();
        BackupResult result = lab.ours(BackupType.FULL);
        assertThat(lab.notes).anyMatch(note -> note.contains("goes on"));
        assertThat(objects(lab)).containsAll(stored);
        lab.verify();
        lab.restoreAndCompare(result.label());
    }

    /** What is stored of files, that of the last moment left out. */
    private static List<Path> objects(BackupLab lab) throws Exception {
        try (var files = Files.walk(lab.tool.repository().resolve("backup/demo"))) {
            return files.filter(file -> file.toString().matches(".*/bundle/\\d+|.*\\.pgbi"))
                    .toList();
        }
    }

    @Test
    void aKilledBackupIsHealedByTheNext() throws Exception {
        BackupLab lab = lab(new Kind(CompressType.LZ4, true, true, false));
        lab.options = lab.options.toBuilder().saveBytes(0).workers(1).build();
        int steps;
        try (Storage storage = Storages.open(lab.repository.storage())) {
            FaultyStorage counting = FaultyStorage.counting(storage);
            lab.ours(BackupType.FULL, counting);
            steps = counting.steps();
            for (int step : new int[] {2, steps / 2, steps - 1}) {
                kill(lab, storage, step);
            }
            lab.ours(BackupType.FULL);
        }
        lab.verify();
    }

    /** Earlier when that is too late: how often the manifest is saved goes by the clock. */
    private static void kill(BackupLab lab, Storage storage, int step) {
        FaultyStorage faulty;
        int at = step;
        do {
            assertThat(at).isPositive();
            faulty = FaultyStorage.killedAt(storage, at);
            FaultyStorage killed = faulty;
            var _ =
                    catchThrowableOfType(
                            BackupException.class, () -> lab.ours(BackupType.FULL, killed));
            at = at * 3 / 4;
        } while (!faulty.hasFailed());
    }

    @Test
    void aFullRepositoryIsATypedError() throws Exception {
        BackupLab lab = lab(usual());
        try (Storage storage = Storages.open(lab.repository.storage())) {
            FaultyStorage full =
                    FaultyStorage.failingOnceAt(storage, 3, StorageException.Kind.FULL);
            BackupException e =
                    catchThrowableOfType(
                            BackupException.class, () -> lab.ours(BackupType.FULL, full));
            assertThat(e.exit()).isEqualTo(BackrestExit.FILE_WRITE);
            assertThat(e.hint()).contains("make room");
        }
    }

    @Test
    void saysWhyArchivingDoesNotWork() throws Exception {
        BackupLab lab = lab(usual());
        server.sql("ALTER SYSTEM SET archive_command = 'false'");
        server.sql("SELECT pg_reload_conf()");
        lab.options = lab.options.toBuilder().archiveTimeout(Duration.ofSeconds(2)).build();
        BackupException e =
                catchThrowableOfType(BackupException.class, () -> lab.ours(BackupType.FULL));
        assertThat(e.exit()).isEqualTo(BackrestExit.ARCHIVE_TIMEOUT);
        assertThat(e).hasMessageContaining("the archiver's last failure: 0000000");
    }

    @Test
    void refusesWhileAnotherBackupOfTheClusterRuns() throws Exception {
        BackupLab lab = lab(usual());
        try (BackupSession other =
                BackupSession.open(
                        DatabaseAddress.local(server.settings()), Duration.ofSeconds(5))) {
            assertThat(other.lock()).isTrue();
            assertThat(exit(lab)).isEqualTo(BackrestExit.LOCK_ACQUIRE);
        }
        try (var _ =
                new RepositoryLocks(lab.tool.lockPath())
                        .acquire(PgBackRest.STANZA, RepositoryLocks.Type.BACKUP, 1)) {
            assertThat(exit(lab)).isEqualTo(BackrestExit.LOCK_ACQUIRE);
        }
        lab.tool.must("stop");
        assertThat(exit(lab)).isEqualTo(BackrestExit.STOPPED);
    }

    private static BackrestExit exit(BackupLab lab) {
        return catchThrowableOfType(BackupException.class, () -> lab.ours(BackupType.FULL)).exit();
    }

    @Test
    void refusesAnotherClustersStanza() throws Exception {
        try (RealPostgres another = PgBackRest.server("another", Map.of()).bootstrapAnew()) {
            BackupLab lab = lab(usual());
            BackupRequest wrong =
                    new BackupRequest(
                            BackupType.FULL,
                            lab.repository,
                            DatabaseAddress.local(another.settings()),
                            null,
                            lab.tool.lockPath(),
                            lab.options);
            AtomicReference<@Nullable BackupException> failure = new AtomicReference<>();
            assertThatThrownBy(() -> BackupLab.engine(new StopRequest()).run(wrong, Progress.NONE))
                    .isInstanceOfSatisfying(BackupException.class, failure::set);
            assertThat(lab.tool.repository().resolve("backup/demo").toFile().list())
                    .noneMatch(name -> name.endsWith("F"));
        }
    }
}
