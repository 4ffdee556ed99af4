package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatientFetchTest {
    private static final WalFile FILE = WalFile.parse("000000010000000000000001");
    private static final ArchiveSettings.Limits LIMITS =
            new ArchiveSettings.Limits(
                    1, 0, 0, Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(5));

    @TempDir Path data;
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger tries = new AtomicInteger();

    private Answer.Done fetch(WalSupply supply, RecoveryMode mode) throws InterruptedException {
        return new PatientFetch(
                        (file, destination) -> {
                            tries.incrementAndGet();
                            return supply.fetch(file, destination);
                        },
                        LIMITS,
                        nanos::get,
                        time -> nanos.addAndGet(time.toNanos()))
                .fetch(FILE, data.resolve("x"), mode);
    }

    private static boolean unreachable() throws BackupException {
        throw new BackupException(
                BackrestExit.REPO_INVALID, "cannot reach s3://bucket", "see whether it is up");
    }

    @Test
    void thereAndNotThereAreAnsweredAtOnce() throws Exception {
        assertThat(fetch((_, _) -> true, RecoveryMode.TARGETED).exit()).isZero();
        assertThat(fetch((_, _) -> false, RecoveryMode.TARGETED).exit()).isEqualTo(1);
        assertThat(fetch((_, _) -> false, RecoveryMode.STANDBY).exit()).isEqualTo(1);
        assertThat(nanos.get()).isZero();
    }

    @Test
    void aTargetedRecoveryIsEndedAfterAWhile() throws Exception {
        Answer.Done done = fetch((_, _) -> unreachable(), RecoveryMode.TARGETED);
        assertThat(done.exit()).isEqualTo(126);
        assertThat(done.text())
                .contains("cannot reach s3://bucket; HINT: see whether it is up")
                .doesNotContain("\n");
        assertThat(Duration.ofNanos(nanos.get()))
                .isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
    }

    @Test
    void aStandbyGoesOnSoon() throws Exception {
        assertThat(fetch((_, _) -> unreachable(), RecoveryMode.STANDBY).exit())
                .isEqualTo(BackrestExit.REPO_INVALID.code());
        assertThat(Duration.ofNanos(nanos.get())).isLessThan(Duration.ofSeconds(6));
        assertThat(tries.get()).isGreaterThan(2);
    }

    @Test
    void anErrorThatPassesIsNoError() throws Exception {
        assertThat(fetch((_, _) -> tries.get() > 3 || unreachable(), RecoveryMode.TARGETED).exit())
                .isZero();
    }

    @Test
    void errorsAreNeverTakenForAbsence() {
        for (BackrestExit exit : BackrestExit.values()) {
            assertThat(RecoveryMode.STANDBY.exit(exit.code())).isBetween(2, 125);
            assertThat(RecoveryMode.TARGETED.exit(exit.code())).isEqualTo(126);
        }
    }

    @Test
    void theSignalFilesSayWhichRecoveryItIs() throws IOException {
        assertThat(RecoveryMode.of(data)).isEqualTo(RecoveryMode.STANDBY);
        Files.createFile(data.resolve("recovery.signal"));
        assertThat(RecoveryMode.of(data)).isEqualTo(RecoveryMode.TARGETED);
        // PostgreSQL, too, takes it for a standby when both are there.
        Files.createFile(data.resolve("standby.signal"));
        assertThat(RecoveryMode.of(data)).isEqualTo(RecoveryMode.STANDBY);
    }
}
