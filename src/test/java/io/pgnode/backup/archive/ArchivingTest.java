package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.StopFiles;
import io.pgnode.backup.storage.Storages;
import io.pgnode.testing.FaultyStorage;
import io.pgnode.testing.PgBackRest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real PostgreSQL archives with our entry and recovers with it; real pgBackRest judges. */
class ArchivingTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @SuppressWarnings("NullAway.Init")
    private ArchiveLab lab;

    @BeforeEach
    void begin() throws IOException {
        lab = new ArchiveLab(PgBackRest.stock(), Map.of());
    }

    @AfterEach
    void end() throws IOException {
        lab.close();
    }

    private void awaitArchived(String segment) {
        await().atMost(LIMIT).until(() -> lab.archived().contains(segment));
    }

    private void awaitNothingReady() {
        await().atMost(LIMIT).until(() -> lab.primary.ready().isEmpty());
    }

    @Test
    void underLoadEverythingComesBackByPgBackRestAndByUs() throws Exception {
        Archiver archiver = lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
        ArchiveLab.Server copy = lab.server("copy");
        copy.copyOf(lab.primary);
        lab.primary.pgbench("-i", "-s", "1");
        lab.primary.pgbench("-c", "2", "-t", "300");
        String last = lab.primary.switchWal();
        awaitArchived(last);
        awaitNothingReady();
        String expected =
                lab.primary.sql(
                        "SELECT md5(string_agg(a::text, ',' ORDER BY aid)) FROM pgbench_accounts a");
        assertThat(lab.archived()).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        assertThat(archiver.status().failed()).isZero();
        for (Path segment : lab.primary.segments()) {
            String name = segment.getFileName().toString();
            if (lab.archived().contains(name)) {
                Path given = lab.root.resolve("given");
                lab.stock.must("archive-get", name, given.toString());
                assertThat(given).hasSameBinaryContentAs(segment);
                Files.delete(given);
            }
        }

        copy.set(
                "archive_mode = off",
                "restore_command = '" + lab.command("archive-get") + " %f %p'");
        Files.createFile(copy.data.resolve("recovery.signal"));
        copy.start();
        await().atMost(LIMIT).until(() -> copy.sql("SELECT pg_is_in_recovery()").equals("f"));
        assertThat(
                        copy.sql(
                                "SELECT md5(string_agg(a::text, ',' ORDER BY aid)) FROM"
                                        + " pgbench_accounts a"))
                .isEqualTo(expected);
        assertThat(copy.log()).contains("restored log file \"" + last);
    }

    @Test
    void withoutAnArchiverPostgresDoesTheWorkAndADuplicateIsRefused() throws Exception {
        String segment = lab.primary.switchWal();
        awaitArchived(segment);

        // The same again is a success, and another content is not.
        Path wal = lab.primary.data.resolve("pg_wal");
        assertThat(lab.entry(lab.primary.data, "archive-push", "pg_wal/" + segment))
                .isEqualTo(new ArchiveLab.Result(0, ""));
        Path other = Files.createDirectory(lab.root.resolve("other"));
        byte[] content = Files.readAllBytes(wal.resolve(segment));
        content[content.length - 1] ^= 1;
        Files.write(other.resolve(segment), content);
        ArchiveLab.Result refused =
                lab.entry(lab.primary.data, "archive-push", other.resolve(segment).toString());
        assertThat(refused.exit()).isEqualTo(45);
        assertThat(refused.output()).contains(segment, "repo1").hasLineCount(1);

        // Another cluster's WAL is refused before anything is written.
        content[24] ^= 1;
        Files.write(other.resolve("0000000100000000000000FF"), content);
        assertThat(
                        lab.entry(
                                        lab.primary.data,
                                        "archive-push",
                                        other.resolve("0000000100000000000000FF").toString())
                                .exit())
                .isEqualTo(44);
        assertThat(lab.archived()).doesNotContain("0000000100000000000000FF");

        // Not there, and nobody can tell, are two things.
        assertThat(lab.entry(lab.primary.data, "archive-get", "00000009.history", "pg_wal/H"))
                .isEqualTo(new ArchiveLab.Result(1, ""));
        Files.move(lab.root.resolve("repo"), lab.root.resolve("gone"));
        ArchiveLab.Result unknown =
                lab.entry(lab.primary.data, "archive-get", "00000009.history", "pg_wal/H");
        assertThat(unknown.exit()).isBetween(25, 125);
        assertThat(unknown.output()).contains("repo1").hasLineCount(1);
        Files.createFile(lab.primary.data.resolve("recovery.signal"));
        assertThat(
                        lab.entry(lab.primary.data, "archive-get", "00000009.history", "pg_wal/H")
                                .exit())
                .isEqualTo(126);
        Files.delete(lab.primary.data.resolve("recovery.signal"));
    }

    @Test
    void aRepositoryThatIsAwayIsNamedAndFilledWhenItIsBack() throws Exception {
        Path second = lab.root.resolve("repo2");
        lab.configure("two", "repo2: " + second);
        lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
        String segment = lab.primary.switchWal();
        awaitArchived(segment);
        await().atMost(LIMIT)
                .until(
                        () ->
                                !lab.primary
                                        .sql("SELECT last_failed_wal FROM pg_stat_archiver")
                                        .equals("null"));
        assertThat(lab.primary.ready()).contains(segment + ".ready");
        assertThat(lab.primary.log()).contains(segment + " is not archived: repo2");
        assertThat(second).doesNotExist();

        copyTree(lab.root.resolve("repo/archive/demo"), second.resolve("archive/demo"));
        awaitNothingReady();
        assertThat(ArchiveLab.names(second)).contains(segment);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file :
                    files.filter(f -> f.getFileName().toString().startsWith("archive.info"))
                            .toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(java.util.Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
    }

    @Test
    void anArchiverThatDiesBetweenCallsIsNotMissed() throws Exception {
        Archiver archiver = lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
        awaitArchived(lab.primary.switchWal());
        assertThat(archiver.status().pushed()).isPositive();
        lab.stopArchiver();
        awaitArchived(lab.primary.switchWal());

        // One that hangs is not waited for: its socket is there and nobody answers.
        try (var hung =
                java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            hung.bind(java.net.UnixDomainSocketAddress.of(lab.run.resolve(ArchiveSettings.SOCKET)));
            awaitArchived(lab.primary.switchWal());
        }
    }

    @Test
    void whatAFencedPrimaryWroteIsKeptAsideAndBlocksNobody() throws Exception {
        java.util.concurrent.atomic.AtomicBoolean leads =
                new java.util.concurrent.atomic.AtomicBoolean(true);
        Archiver archiver =
                lab.startArchiver(
                        _ ->
                                leads.get()
                                        ? new ArchiveGuard.Answer.Allowed(1)
                                        : new ArchiveGuard.Answer.Refused(
                                                "member n2 leads since epoch 2"));
        ArchiveLab.Server next = lab.server("next");
        next.copyOf(lab.primary);
        next.set(
                "restore_command = '" + lab.command("archive-get") + " %f %p'",
                "primary_conninfo = 'host=127.0.0.1 user=postgres port=" + lab.primary.port + "'");
        Files.createFile(next.data.resolve("standby.signal"));
        next.start();
        String common = lab.primary.switchWal();
        awaitArchived(common);
        awaitNothingReady();
        String lsn = lab.primary.sql("SELECT pg_current_wal_lsn()");
        await().atMost(LIMIT)
                .until(
                        () ->
                                next.sql("SELECT pg_last_wal_replay_lsn() >= '" + lsn + "'")
                                        .equals("t"));
        leads.set(false);
        next.sql("SELECT pg_promote()");
        await().atMost(LIMIT).until(() -> lab.archived().contains("00000002.history"));

        lab.primary.sql("CREATE TABLE lost AS SELECT generate_series(1, 1000) AS n");
        String lost = lab.primary.switchWal();
        awaitNothingReady();
        assertThat(lab.archived()).contains(common).doesNotContain(lost);
        Path quarantine = lab.root.resolve("repo/pgnode/demo/quarantine/n1");
        assertThat(ArchiveLab.names(quarantine)).contains(lost);
        assertThat(archiver.status().quarantined()).isPositive();
        String ours = next.switchWal();
        awaitArchived(ours);
        assertThat(ours).startsWith("00000002");
        lab.stock.must("verify");
    }

    @Test
    void aTargetedRecoveryNeverTakesAnErrorForTheEnd() throws Exception {
        ArchiveLab.Server copy = lab.server("copy");
        copy.copyOf(lab.primary);
        lab.primary.sql("CREATE TABLE wanted AS SELECT 1 AS n");
        awaitArchived(lab.primary.switchWal());
        copy.set(
                "archive_mode = off",
                "restore_command = '" + lab.command("archive-get") + " %f %p'");
        Files.createFile(copy.data.resolve("recovery.signal"));
        Path away = lab.root.resolve("away");
        Files.move(lab.root.resolve("repo"), away);
        assertThat(copy.tryStart()).isNotZero();
        assertThat(copy.log())
                .contains("recovery is ended")
                .doesNotContain("archive recovery complete");

        Files.move(away, lab.root.resolve("repo"));
        copy.start();
        await().atMost(LIMIT).until(() -> copy.sql("SELECT pg_is_in_recovery()").equals("f"));
        assertThat(copy.sql("SELECT count(*) FROM wanted")).isEqualTo("1");
    }

    @Test
    void aKillAtAnyStepOfAPushIsHealedByTheNext() throws Exception {
        String segment = lab.primary.switchWal();
        awaitArchived(segment);
        Path source = lab.primary.data.resolve("pg_wal").resolve(segment);
        WalFile file = WalFile.parse(segment);
        var settings = ArchiveEntry.load(lab.conf()).repositories().getFirst();
        deleteArchived(segment);
        for (int step = 0; ; step++) {
            FaultyStorage storage = FaultyStorage.killedAt(Storages.open(settings.storage()), step);
            try (WalRepository killed = wal(Repository.open(settings, storage))) {
                killed.push(file, source);
            } catch (BackupException e) {
                assertThat(e).hasMessageContaining(segment);
            }
            if (!storage.hasFailed()) {
                break;
            }
            try (WalRepository next = wal(Repository.open(settings))) {
                next.push(file, source);
            }
            assertThat(lab.archived().stream().filter(segment::equals)).hasSize(1);
            Path given = lab.root.resolve("given");
            lab.stock.must("archive-get", segment, given.toString());
            assertThat(given).hasSameBinaryContentAs(source);
            deleteArchived(segment);
        }
        lab.stock.must("verify");
    }

    private WalRepository wal(Repository repository) {
        return new StanzaWal(
                repository,
                new StopFiles(lab.root.resolve("lock")),
                "n1",
                Compression.of(CompressType.ZST),
                System::nanoTime);
    }

    private void deleteArchived(String segment) throws IOException {
        try (var files = Files.walk(lab.root.resolve("repo/archive"))) {
            for (Path file :
                    files.filter(f -> f.getFileName().toString().startsWith(segment + "-"))
                            .toList()) {
                Files.delete(file);
            }
        }
    }
}
