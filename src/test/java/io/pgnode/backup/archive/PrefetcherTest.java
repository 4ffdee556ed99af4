package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefetcherTest {
    private static final int SEGMENT = 1 << 20;

    @TempDir Path wal;
    private final FakeWal archive = new FakeWal(1);
    private final AtomicLong nanos = new AtomicLong();
    private @Nullable Prefetcher prefetcher;

    @BeforeEach
    void begin() {
        prefetcher =
                new Prefetcher(new WalFetcher(List.of(archive)), wal, 4 * SEGMENT, 2, nanos::get);
    }

    @AfterEach
    void close() {
        prefetcher().close();
        assertThat(wal.resolve(Prefetcher.DIRECTORY))
                .satisfiesAnyOf(
                        spool -> assertThat(spool).doesNotExist(),
                        spool -> assertThat(spool).isEmptyDirectory());
    }

    private Prefetcher prefetcher() {
        return java.util.Objects.requireNonNull(prefetcher);
    }

    private static String segment(int timeline, int number) {
        return "%08X00000000%08X".formatted(timeline, number);
    }

    private void store(int timeline, int from, int to) {
        for (int i = from; i <= to; i++) {
            byte[] content = new byte[SEGMENT];
            Arrays.fill(content, (byte) (16 * timeline + i));
            archive.stored.put(segment(timeline, i), content);
        }
    }

    private boolean fetch(String name) throws BackupException {
        return prefetcher().fetch(WalFile.parse(name), wal.resolve("RECOVERYXLOG"));
    }

    private long ahead() throws IOException {
        try (Stream<Path> files = Files.list(wal.resolve(Prefetcher.DIRECTORY))) {
            return files.count();
        }
    }

    @Test
    void fetchesAheadAndHandsOverTheRightContent() throws Exception {
        store(1, 1, 20);
        for (int i = 1; i <= 20; i++) {
            assertThat(fetch(segment(1, i))).isTrue();
            assertThat(Files.readAllBytes(wal.resolve("RECOVERYXLOG")))
                    .containsExactly(archive.stored.get(segment(1, i)));
            Files.delete(wal.resolve("RECOVERYXLOG"));
            assertThat(ahead()).isLessThanOrEqualTo(4);
            if (i == 1) {
                await().until(() -> ahead() == 4);
            }
        }
        assertThat(fetch(segment(1, 21))).isFalse();
        assertThat(archive.gets.stream().filter(segment(1, 3)::equals)).hasSize(1);
    }

    @Test
    void aTimelineSwitchGetsTheNewTimelinesFiles() throws Exception {
        store(1, 1, 8);
        store(2, 4, 9);
        // As recovery to timeline 2 asks, which left timeline 1 in segment 4.
        for (int i = 1; i <= 3; i++) {
            assertThat(fetch(segment(2, i))).isFalse();
            assertThat(fetch(segment(1, i))).isTrue();
        }
        for (int i = 4; i <= 9; i++) {
            assertThat(fetch(segment(2, i))).isTrue();
            assertThat(Files.readAllBytes(wal.resolve("RECOVERYXLOG")))
                    .containsExactly(archive.stored.get(segment(2, i)));
        }
        await().until(() -> ahead() == 0);
    }

    @Test
    void anAbsentSegmentIsAskedForAgain() throws Exception {
        store(1, 1, 1);
        assertThat(fetch(segment(1, 1))).isTrue();
        await().until(() -> archive.gets.contains(segment(1, 2)));
        assertThat(fetch(segment(1, 2))).isFalse();
        store(1, 2, 2);
        assertThat(fetch(segment(1, 2))).isTrue();
    }

    @Test
    void anAbsentHistoryIsRememberedForAMoment() throws Exception {
        assertThat(fetch("00000002.history")).isFalse();
        assertThat(fetch("00000002.history")).isFalse();
        assertThat(archive.gets).hasSize(1);

        archive.stored.put("00000002.history", new byte[] {1});
        nanos.addAndGet(2_000_000_001L);
        assertThat(fetch("00000002.history")).isTrue();
    }

    @Test
    void anErrorIsNeverAbsence() throws Exception {
        store(1, 1, 3);
        assertThat(fetch(segment(1, 1))).isTrue();
        archive.failure = new BackupException(BackrestExit.REPO_INVALID, "away");
        assertThatThrownBy(() -> fetch("00000003.history")).isInstanceOf(BackupException.class);
        assertThatThrownBy(() -> fetch(segment(1, 9))).isInstanceOf(BackupException.class);
        archive.failure = null;
        assertThat(fetch(segment(1, 2))).isTrue();
        assertThat(fetch("00000003.history")).isFalse();
    }

    @Test
    void aPartialSegmentIsGivenByItsExactNameOnly() throws Exception {
        archive.stored.put(segment(1, 2) + ".partial", new byte[SEGMENT]);
        assertThat(fetch(segment(1, 2))).isFalse();
        assertThat(fetch(segment(1, 2) + ".partial")).isTrue();
    }

    @Test
    void whatAnEarlierProcessLeftIsRemoved() throws Exception {
        Files.createDirectory(wal.resolve(Prefetcher.DIRECTORY));
        Files.createFile(wal.resolve(Prefetcher.DIRECTORY).resolve(segment(1, 2) + "-1"));
        prefetcher().clean();
        assertThat(ahead()).isZero();
    }
}
