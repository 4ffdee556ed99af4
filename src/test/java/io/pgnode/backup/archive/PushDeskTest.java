package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PushDeskTest {
    @TempDir Path wal;
    private final FakeWal first = new FakeWal(1);
    private final FakeWal second = new FakeWal(2);
    private final WalPusher pusher =
            new WalPusher(List.of(first, second), _ -> new ArchiveGuard.Answer.Allowed(1));
    private @Nullable PushDesk desk;

    @BeforeEach
    void makeStatus() throws IOException {
        Files.createDirectory(wal.resolve("archive_status"));
    }

    @AfterEach
    void close() {
        if (desk != null) {
            desk.close();
        }
    }

    private PushDesk desk(int lookAhead, PushDesk.Push push) {
        PushDesk begun = new PushDesk(new ReadyFiles(wal), push, 2, lookAhead, System::nanoTime);
        desk = begun;
        begun.start();
        return begun;
    }

    private PushDesk.Push after(PushDesk.Push push, CountDownLatch gate) {
        return new PushDesk.Push() {
            @Override
            public WalPusher.Outcome push(
                    WalFile file, Path source, Set<Integer> done, boolean isAhead)
                    throws BackupException {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new BackupException(BackrestExit.FILE_WRITE, "interrupted");
                }
                return push.push(file, source, done, isAhead);
            }

            @Override
            public boolean isWorthTrying(Set<Integer> done) {
                return push.isWorthTrying(done);
            }
        };
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(wal.resolve(name), content);
    }

    private Path ready(String name, String content) throws IOException {
        Path file = write(name, content);
        Files.createFile(wal.resolve("archive_status").resolve(name + ".ready"));
        return file;
    }

    private static String segment(int number) {
        return "0000000100000000000000%02X".formatted(number);
    }

    private static WalPusher.Kind kind(CompletableFuture<WalPusher.Outcome> outcome)
            throws Exception {
        return outcome.get(10, TimeUnit.SECONDS).kind();
    }

    @Test
    void pushesAheadHistoriesFirst() throws Exception {
        for (int i = 1; i <= 9; i++) {
            ready(segment(i), "wal " + i);
        }
        ready("00000002.history", "1\t0/5000000\twhy");
        desk(32, pusher);

        await().until(() -> second.stored.size() == 10);
        assertThat(first.pushes).first().isEqualTo("00000002.history");
        assertThat(first.stored.keySet()).isEqualTo(second.stored.keySet());
        assertThat(wal.resolve("archive_status").toFile().list()).hasSize(10); // not ours to remove
    }

    @Test
    void answersAtOnceWhatItPushedAhead() throws Exception {
        Path file = ready(segment(1), "wal");
        PushDesk desk = desk(32, pusher);
        await().until(() -> desk.status().pushed() == 1);

        assertThat(desk.push(WalFile.parse(segment(1)), file)).isCompleted();
        assertThat(first.pushes).hasSize(1);
    }

    @Test
    void forgetsWhatPostgresTookNoticeOf() throws Exception {
        Path file = ready(segment(1), "wal");
        PushDesk desk = desk(32, pusher);
        await().until(() -> desk.status().remembered() == 1);

        Files.move(
                wal.resolve("archive_status/" + segment(1) + ".ready"),
                wal.resolve("archive_status/" + segment(1) + ".done"));
        await().until(() -> desk.status().remembered() == 0);
        assertThat(kind(desk.push(WalFile.parse(segment(1)), file)))
                .isEqualTo(WalPusher.Kind.ALREADY_THERE);
    }

    @Test
    void aFileOfOtherContentIsAnotherFile() throws Exception {
        Path file = ready(segment(1), "wal");
        PushDesk desk = desk(32, pusher);
        await().until(() -> desk.status().pushed() == 1);

        Files.delete(file);
        write(segment(1), "other");
        assertThat(desk.push(WalFile.parse(segment(1)), file))
                .failsWithin(java.time.Duration.ofSeconds(10))
                .withThrowableThat()
                .withCauseInstanceOf(BackupException.class)
                .withMessageContaining("has another content");
        assertThat(first.stored.get(segment(1))).asString().isEqualTo("wal");
    }

    @Test
    void aRepositoryThatFailsIsNamedAndTheOthersGetIt() throws Exception {
        second.failure = new BackupException(BackrestExit.FILE_WRITE, "no room", "make room");
        Path file = write(segment(1), "wal");
        PushDesk desk = desk(0, pusher);

        assertThat(desk.push(WalFile.parse(segment(1)), file))
                .failsWithin(java.time.Duration.ofSeconds(10))
                .withThrowableThat()
                .withMessageContaining(segment(1) + " is not archived: repo2: no room\nHINT: make");
        assertThat(first.stored).containsKey(segment(1));
        assertThat(desk.status().failing()).contains("repo2");

        second.failure = null;
        assertThat(kind(desk.push(WalFile.parse(segment(1)), file)))
                .isEqualTo(WalPusher.Kind.STORED);
        assertThat(second.stored).containsKey(segment(1));
        assertThat(first.pushes).hasSize(1); // it had it
        assertThat(desk.status().failing()).isEmpty();
    }

    @Test
    void aRepositoryThatComesBackIsFilledWithoutAQuestion() throws Exception {
        first.failure = new BackupException(BackrestExit.REPO_INVALID, "away");
        for (int i = 1; i <= 6; i++) {
            ready(segment(i), "wal " + i);
        }
        PushDesk desk = desk(32, pusher);
        await().until(() -> desk.status().failed() > 0);
        int tries = first.pushes.size();

        first.failure = null;
        await().atMost(15, TimeUnit.SECONDS).until(() -> first.stored.size() == 6);
        assertThat(tries).as("a pause follows a failure").isLessThanOrEqualTo(8);
    }

    @Test
    void whatARepositoryCannotTakeTheOthersGetBeyondTheWindow() throws Exception {
        second.failure = new BackupException(BackrestExit.REPO_INVALID, "away");
        for (int i = 1; i <= 30; i++) {
            ready(segment(i), "wal " + i);
        }
        PushDesk desk = desk(4, pusher);
        await().atMost(15, TimeUnit.SECONDS).until(() -> first.stored.size() == 30);
        assertThat(second.pushes).as("it is left alone for a while").hasSizeLessThan(20);
        assertThat(desk.status().pushed()).isZero();

        second.failure = null;
        await().atMost(30, TimeUnit.SECONDS).until(() -> second.stored.size() == 30);
        assertThat(first.pushes).hasSize(30);
    }

    @Test
    void looksNoFurtherAheadThanItMay() throws Exception {
        for (int i = 1; i <= 40; i++) {
            ready(segment(i), "wal " + i);
        }
        CountDownLatch gate = new CountDownLatch(1);
        PushDesk desk = desk(4, after(pusher, gate));
        await().until(() -> desk.status().waiting() == 4);
        CompletableFuture<WalPusher.Outcome> asked =
                desk.push(WalFile.parse(segment(1)), wal.resolve(segment(1)));
        assertThat(desk.status().waiting()).isEqualTo(4);
        gate.countDown();
        assertThat(kind(asked)).isEqualTo(WalPusher.Kind.STORED);
        await().during(java.time.Duration.ofMillis(300)).until(() -> first.stored.size() == 4);
    }

    @Test
    void whoeverWaitsAtTheEndIsToldSo() throws Exception {
        PushDesk desk = desk(0, after(pusher, new CountDownLatch(1)));
        for (int i = 1; i <= 3; i++) {
            write(segment(i), "wal " + i);
            desk.push(WalFile.parse(segment(i)), wal.resolve(segment(i)));
        }
        CompletableFuture<WalPusher.Outcome> queued =
                desk.push(WalFile.parse(segment(3)), wal.resolve(segment(3)));
        desk.close();
        assertThat(queued).isCompletedExceptionally();
        assertThat(desk.push(WalFile.parse(segment(1)), wal.resolve(segment(1))))
                .isCompletedExceptionally();
    }
}
