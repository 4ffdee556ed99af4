package io.pgnode.backup.repo;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.backup.storage.Storages;
import io.pgnode.testing.FaultyStorage;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left when the process is killed at each step that changes a repository. */
class RepositoryFaultsTest {
    private static RealPostgres server;
    private static Identity identity;
    private static Path wal;

    @TempDir private Path directory;

    /** Something that changes a repository. */
    @FunctionalInterface
    private interface Change {
        void apply(Repository repository) throws BackupException;
    }

    @BeforeAll
    static void start() throws Exception {
        server = RepositoryFixture.server("faults");
        identity = RepositoryFixture.identity(server);
        wal = RepositoryFixture.completeSegment(server);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private PgBackRest.Configured configured(String name) throws Exception {
        return PgBackRest.stock()
                .with(RepositoryFixture.directory(directory, name), Map.of(), server);
    }

    private static Storage storage(Path root) throws Exception {
        return Storages.open(new StorageSettings.Posix(root));
    }

    private static Repository repository(Path root, Storage storage) {
        return Repository.open(
                new RepositorySettings(
                        1,
                        new StorageSettings.Posix(root),
                        PgBackRest.STANZA,
                        CipherType.NONE,
                        null),
                storage);
    }

    /** Whether it came to its end before the step. */
    private static boolean killedAt(int step, Path root, Change change) throws Exception {
        try (Storage behind = storage(root)) {
            FaultyStorage faulty = FaultyStorage.killedAt(behind, step);
            try (Repository repository = repository(root, faulty)) {
                change.apply(repository);
            } catch (BackupException e) {
                assertThat(faulty.hasFailed()).as(e.getMessage()).isTrue();
            }
            return faulty.hasFailed();
        }
    }

    @Test
    void aStanzaIsCreatedByTheNextRun() throws Exception {
        boolean killed = true;
        for (int step = 0; killed; step++) {
            PgBackRest.Configured configured = configured("create" + step);
            Path root = configured.repository();
            killed = killedAt(step, root, repository -> StanzaSetup.create(repository, identity));
            try (Repository repository = repository(root, storage(root))) {
                StanzaSetup.create(repository, identity);
                StanzaSetup.check(repository, identity);
            }
            configured.must("stanza-create");
        }
    }

    @Test
    void aSegmentIsThereAsAWholeOrNotAtAll() throws Exception {
        WalFile file = WalFile.parse(wal.getFileName().toString());
        boolean killed = true;
        for (int step = 0; killed; step++) {
            PgBackRest.Configured configured = configured("push" + step);
            Path root = configured.repository();
            Path fetched = directory.resolve("fetched" + step);
            try (Repository repository = repository(root, storage(root))) {
                StanzaSetup.create(repository, identity);
                killed =
                        killedAt(
                                step,
                                root,
                                faulty ->
                                        faulty.archive()
                                                .push(
                                                        file,
                                                        WalSource.of(wal),
                                                        Compression.of(CompressType.ZST, 1)));
                PushResult again =
                        repository
                                .archive()
                                .push(file, WalSource.of(wal), Compression.of(CompressType.ZST, 1));
                assertThat(killed || again == PushResult.ALREADY_THERE).isTrue();
            }
            configured.must("archive-get", file.name(), fetched.toString());
            assertThat(fetched).hasSameBinaryContentAs(wal);
        }
    }

    @Test
    void aBackupIsCompleteOrIsNotSeen() throws Exception {
        PgBackRest.Configured configured = configured("complete");
        configured.must("stanza-create");
        configured.archive(server);
        configured.must("backup", "--type=full");
        Path root = configured.repository();
        BackupLabel label;
        Manifest manifest;
        BackupSummary summary;
        try (Repository repository = repository(root, storage(root))) {
            label = repository.backups().labels().getFirst();
            manifest = repository.backups().manifest(label);
            summary = manifest.summary();
        }
        Change complete = repository -> repository.backups().complete(manifest);
        Change forget =
                repository -> {
                    repository.backups().forget(label);
                    repository.backups().relinkLatest();
                };
        assertThat(steps(root, summary, complete, forget)).isGreaterThan(4);
        assertThat(configured.must("info")).contains("status: ok");
        assertThat(steps(root, summary, forget, complete)).isGreaterThan(4);
        assertThat(configured.must("info")).contains("status: error (no valid backups)");
    }

    /**
     * Kills what comes second at each of its steps; returns how many there are. The first is done
     * again at the end.
     */
    private static int steps(Path root, BackupSummary summary, Change before, Change killed)
            throws Exception {
        int step = 0;
        boolean wasKilled;
        do {
            try (Repository repository = repository(root, storage(root))) {
                before.apply(repository);
                wasKilled = killedAt(step++, root, killed);
                repository.backups().reconcile();
                boolean isComplete = repository.backups().unfinishedLabels().isEmpty();
                assertThat(repository.backups().info().backups())
                        .isEqualTo(isComplete ? List.of(summary) : List.of());
            }
        } while (wasKilled);
        try (Repository repository = repository(root, storage(root))) {
            before.apply(repository);
        }
        return step;
    }
}
