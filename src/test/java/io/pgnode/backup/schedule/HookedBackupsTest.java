package io.pgnode.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.BackupRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HookedBackupsTest {
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir private Path directory;

    @Test
    void programsKnowTheFactsAndNoSecrets() throws Exception {
        Path says = script("says", "env | grep ^BACKUP_ | sort >> " + log());
        assertThat(run(hooks(says, says, says), done("20261121-010000F")).isDone()).isTrue();
        assertThat(Files.readAllLines(log()))
                .containsSubsequence(
                        "BACKUP_CLUSTER=pg-test",
                        "BACKUP_EPOCH=7",
                        "BACKUP_ERROR=",
                        "BACKUP_EVENT=before",
                        "BACKUP_LABEL=",
                        "BACKUP_MEMBER=pg-test-2",
                        "BACKUP_REPO=1,2",
                        "BACKUP_RESULT=",
                        "BACKUP_STANZA=main",
                        "BACKUP_TYPE=diff",
                        "BACKUP_EVENT=after",
                        "BACKUP_LABEL=20261121-010000F",
                        "BACKUP_RESULT=done")
                .doesNotContain("BACKUP_EVENT=on-failure");
        assertThat(
                        List.of(
                                "PGNODE_POSTGRESQL_SUPERUSER_PASSWORD",
                                "PGNODE_BACKUP_REPOSITORIES_1_S3_KEY",
                                "PGNODE_BACKUP_REPOSITORIES_1_S3_KEY_SECRET",
                                "PGNODE_BACKUP_REPOSITORIES_1_S3_TOKEN",
                                "PGNODE_BACKUP_REPOSITORIES_1_CIPHER_PASS",
                                "PGPASSWORD"))
                .allMatch(BackupHooks::isSecret);
        assertThat(List.of("PGNODE_CONFIG", "PGNODE_CLUSTER", "PATH"))
                .noneMatch(BackupHooks::isSecret);
    }

    @Test
    void noBackupWhenTheFirstProgramFails() throws Exception {
        Path fails = script("fails", "echo is busy >&2; exit 3");
        Path tells = script("tells", "echo $BACKUP_RESULT: $BACKUP_ERROR > " + log());
        Fake backup = done("never");
        Outcome outcome = run(hooks(fails, tells, tells), backup);
        assertThat(outcome)
                .isEqualTo(
                        new Outcome(
                                false,
                                "no backup was made: hook before, "
                                        + fails
                                        + ": exit code 3: is busy"));
        assertThat(backup.begun.getCount()).isOne();
        assertThat(Files.readString(log())).isEqualTo("failed: " + outcome.text() + "\n");
    }

    @Test
    void aProgramThatHangsIsKilled() throws Exception {
        Path hangs = script("hangs", "exec sleep 600");
        BackupHooks hooks =
                new BackupHooks(
                        words(hangs),
                        List.of(),
                        List.of(),
                        Duration.ofMillis(300),
                        "pg-test",
                        "pg-test-2",
                        "main",
                        List.of(1));
        assertThat(run(hooks, done("never")).text()).contains("no end within");
    }

    @Test
    void aFailedBackupIsTold() throws Exception {
        Path tells = script("tells", "echo $BACKUP_EVENT $BACKUP_RESULT: $BACKUP_ERROR > " + log());
        Fake backup = done("");
        backup.end.complete(new Outcome(false, "the repository is full"));
        assertThat(run(hooks(null, tells, tells), backup).text())
                .isEqualTo("the repository is full");
        assertThat(Files.readString(log()))
                .isEqualTo("on-failure failed: the repository is full\n");
    }

    @Test
    void stoppedInTheMiddleOrBeforeItBegan() throws Exception {
        Path tells = script("tells", "echo $BACKUP_RESULT > " + log());
        Fake backup = new Fake();
        BackupRunner.Run run = start(hooks(null, null, tells), backup);
        Thread waiting = Thread.ofVirtual().start(() -> outcome(run));
        backup.begun.await();
        run.cancel();
        waiting.join();
        assertThat(Files.readString(log())).isEqualTo("stopped\n");

        Files.delete(log());
        Path hangs = script("hangs", "touch " + directory.resolve("began") + "; exec sleep 600");
        Fake never = new Fake();
        BackupRunner.Run early = start(hooks(hangs, null, tells), never);
        Thread second = Thread.ofVirtual().start(() -> outcome(early));
        await().until(() -> Files.exists(directory.resolve("began")));
        early.cancel();
        second.join();
        assertThat(never.begun.getCount()).isOne();
        assertThat(Files.readString(log())).isEqualTo("stopped\n");
    }

    @Test
    void whatComesAfterDoesNotChangeTheResult() throws Exception {
        Path fails = script("fails", "exit 1");
        assertThat(run(hooks(null, fails, null), done("20261121-010000F")))
                .isEqualTo(new Outcome(true, "20261121-010000F"));
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Path script(String name, String body) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + body + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static List<String> words(@Nullable Path program) {
        return program == null ? List.of() : List.of(program.toString());
    }

    private static BackupHooks hooks(
            @Nullable Path before, @Nullable Path after, @Nullable Path onFailure) {
        return new BackupHooks(
                words(before),
                words(after),
                words(onFailure),
                Duration.ofMinutes(1),
                "pg-test",
                "pg-test-2",
                "main",
                List.of(1, 2));
    }

    private static BackupRunner.Run start(BackupHooks hooks, Fake backup) throws IOException {
        return new HookedBackups((type, epoch, limit) -> backup, () -> hooks, System.getenv())
                .start(BackupType.DIFF, 7, LONG);
    }

    private static Outcome run(BackupHooks hooks, Fake backup) throws Exception {
        return start(hooks, backup).await();
    }

    private static Outcome outcome(BackupRunner.Run run) {
        try {
            return run.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Fake done(String label) {
        Fake fake = new Fake();
        if (!label.isEmpty()) {
            fake.end.complete(new Outcome(true, label));
        }
        return fake;
    }

    /** A backup that ends when it is told to. */
    private static final class Fake implements BackupRunner.Run {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CompletableFuture<Outcome> end = new CompletableFuture<>();

        @Override
        public Outcome await() {
            begun.countDown();
            return end.join();
        }

        @Override
        public void cancel() {
            end.complete(new Outcome(false, "stopped"));
        }

        @Override
        public BackupLease.Progress progress() {
            return BackupLease.Progress.NONE;
        }
    }
}
