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
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatientRepositoryTest {
    private static final WalFile FILE = WalFile.parse("000000010000000000000001");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir private Path directory;
    private final FakeWal hanging = new FakeWal(1);
    private final FakeWal well = new FakeWal(2);
    private final CountDownLatch back = new CountDownLatch(1);
    private Path source;

    @BeforeEach
    void write() throws IOException {
        source = Files.write(directory.resolve(FILE.name()), new byte[] {1, 2, 3});
        hanging.hangUntil = back;
    }

    private static WalRepository patient(FakeWal behind, Duration limit) {
        return new PatientRepository(behind, limit);
    }

    @Test
    void oneThatHangsCostsTheOthersNothing() throws Exception {
        WalPusher pusher =
                new WalPusher(
                        List.of(patient(hanging, Duration.ofMillis(50)), patient(well, LIMIT)),
                        _ -> new ArchiveGuard.Answer.Allowed(1));
        Set<Integer> done = new HashSet<>();

        assertThatThrownBy(() -> pusher.push(FILE, source, done, false))
                .isInstanceOfSatisfying(
                        BackupException.class,
                        e -> assertThat(e.exit()).isEqualTo(BackrestExit.HOST_CONNECT))
                .hasMessageContaining("repo1 does not answer");

        assertThat(done).containsExactly(2);
        assertThat(well.stored).containsKey(FILE.name());
        back.countDown();
        await().atMost(LIMIT).until(() -> hanging.stored.containsKey(FILE.name()));
        assertThat(pusher.push(FILE, source, done, false).kind())
                .isEqualTo(WalPusher.Kind.ALREADY_THERE);
        assertThat(done).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void fewCallsHangAtATime() {
        WalRepository repository = patient(hanging, Duration.ofMillis(20));
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> repository.isThere(FILE)).hasMessageContaining("repo1");
        }
        assertThat(hanging.waiting.get()).isEqualTo(4);

        back.countDown();

        await().atMost(LIMIT)
                .ignoreExceptionsInstanceOf(BackupException.class)
                .until(() -> !repository.isThere(FILE));
    }

    @Test
    void whatIsFetchedLateDoesNotComeToTheDestination() throws Exception {
        hanging.stored.put(FILE.name(), new byte[] {1});
        Path destination = directory.resolve("RECOVERYXLOG");
        assertThatThrownBy(() -> patient(hanging, Duration.ofMillis(20)).get(FILE, destination))
                .hasMessageContaining("repo1");
        well.stored.put(FILE.name(), new byte[] {2});
        assertThat(patient(well, LIMIT).get(FILE, destination)).isTrue();

        back.countDown();

        await().atMost(LIMIT).until(() -> hanging.waiting.get() == 0);
        await().atMost(LIMIT).until(() -> names().equals(List.of(FILE.name(), "RECOVERYXLOG")));
        assertThat(destination).hasBinaryContent(new byte[] {2});
    }

    @Test
    void failuresAreToldAsTheyAre() {
        FakeWal failing = new FakeWal(3);
        failing.failure = new BackupException(BackrestExit.CRYPTO, "wrong pass");

        assertThatThrownBy(() -> patient(failing, LIMIT).push(FILE, source))
                .isSameAs(failing.failure);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
