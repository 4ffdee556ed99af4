package io.pgnode.backup.repo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CipherType;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks and stop files that we and a real pgbackrest respect of each other. */
class RepositoryLocksTest {
    private static final String STANZA = PgBackRest.STANZA;

    private static RealPostgres server;

    @TempDir private Path directory;

    @BeforeAll
    static void start() throws Exception {
        server = RepositoryFixture.server("locks");
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private PgBackRest.Configured configured(PgBackRest tool) throws Exception {
        return tool.with(RepositoryFixture.directory(directory, tool.version()), Map.of(), server);
    }

    @Test
    void pgBackRestWaitsForUs() throws Exception {
        for (PgBackRest tool : PgBackRest.all()) {
            PgBackRest.Configured configured = configured(tool);
            configured.must("stanza-create");
            RepositoryLocks locks = new RepositoryLocks(configured.lockPath());
            try (RepositoryLocks.Held held =
                    locks.acquire(STANZA, RepositoryLocks.Type.BACKUP, 1)) {
                assertThat(configured.run("backup").exit()).isEqualTo(50);
                assertThat(configured.run("expire").exit()).isEqualTo(50);
                assertThat(configured.run("stanza-create").exit()).isEqualTo(50);
                assertThat(configured.must("info", "--output=json"))
                        .contains("\"backup\":{\"held\":true");
                held.progress(25, 100);
                if (tool.version().compareTo("2.5") > 0) {
                    assertThat(configured.must("info", "--output=json"))
                            .contains("\"held\":true,\"size\":100,\"size-cplt\":25");
                }
                assertThat(locks.holder(STANZA, RepositoryLocks.Type.BACKUP, 1))
                        .contains(
                                new RepositoryLocks.Holder(ProcessHandle.current().pid(), 100, 25));
                assertHeld(locks);
            }
            assertThat(locks.holder(STANZA, RepositoryLocks.Type.BACKUP, 1)).isEmpty();
            assertThat(configured.must("info", "--output=json")).contains("\"held\":false");
            configured.must("stanza-create");
        }
    }

    private static void assertHeld(RepositoryLocks locks) {
        assertThatThrownBy(() -> locks.acquire(STANZA, RepositoryLocks.Type.BACKUP, 1).close())
                .isInstanceOfSatisfying(
                        BackupException.class,
                        e -> assertThat(e.exit()).isEqualTo(BackrestExit.LOCK_ACQUIRE));
    }

    @Test
    void weWaitForPgBackRest() throws Exception {
        for (PgBackRest tool : PgBackRest.all()) {
            PgBackRest.Configured configured = configured(tool);
            configured.must("stanza-create");
            RepositoryLocks locks = new RepositoryLocks(configured.lockPath());
            List<Process> backups = new ArrayList<>();
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(
                                () -> {
                                    startUnlessRunning(configured, backups);
                                    return locks.holder(STANZA, RepositoryLocks.Type.BACKUP, 1)
                                            .isPresent();
                                });
                assertHeld(locks);
                assertThat(locks.holder(STANZA, RepositoryLocks.Type.BACKUP, 1).orElseThrow().pid())
                        .isIn(0L, backups.getLast().pid());
            } finally {
                for (Process backup : backups) {
                    backup.destroyForcibly().waitFor();
                }
            }
            locks.acquire(STANZA, RepositoryLocks.Type.BACKUP, 1).close();
        }
    }

    /**
     * It waits for the archiver, which does nothing; but it ends at once while the server has not
     * noticed yet that the one before was killed.
     */
    private static void startUnlessRunning(PgBackRest.Configured configured, List<Process> backups)
            throws IOException {
        if (backups.isEmpty() || !backups.getLast().isAlive()) {
            backups.add(configured.start("backup", "--archive-timeout=60", "--no-start-fast"));
        }
    }

    @Test
    void locksOfDifferentTypesAndRepositoriesAreTheirOwn() throws Exception {
        RepositoryLocks locks = new RepositoryLocks(directory);
        try (RepositoryLocks.Held _ = locks.acquire(STANZA, RepositoryLocks.Type.BACKUP, 1)) {
            locks.acquire(STANZA, RepositoryLocks.Type.ARCHIVE, 1).close();
            locks.acquire(STANZA, RepositoryLocks.Type.RESTORE, 1).close();
            locks.acquire("other", RepositoryLocks.Type.BACKUP, 1).close();
        }
    }

    @Test
    void stopFilesAreRespectedBothWays() throws Exception {
        for (PgBackRest tool : PgBackRest.all()) {
            PgBackRest.Configured configured = configured(tool);
            StopFiles stop = new StopFiles(configured.lockPath());
            RepositoryLocks locks = new RepositoryLocks(configured.lockPath());
            configured.must("stop");
            assertThat(stop.isStopped(STANZA)).isTrue();
            assertThatThrownBy(() -> locks.acquire(STANZA, RepositoryLocks.Type.BACKUP, 1).close())
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            e -> assertThat(e.exit()).isEqualTo(BackrestExit.STOPPED));
            stop.start(STANZA);
            configured.must("stanza-create");

            stop.stop(STANZA);
            assertThat(configured.run("stanza-create").exit()).isEqualTo(62);
            configured.must("start");
            stop.check(STANZA);

            Files.createFile(configured.lockPath().resolve("all.stop"));
            assertThat(stop.isStopped("any")).isTrue();
            Files.delete(configured.lockPath().resolve("all.stop"));
        }
    }

    @Test
    void anotherPassIsNotSeenInSettings() throws Exception {
        try (Repository repository =
                RepositoryFixture.open(directory, CipherType.AES_256_CBC, "top secret")) {
            assertThat(repository.settings().toString()).doesNotContain("top secret");
        }
    }
}
