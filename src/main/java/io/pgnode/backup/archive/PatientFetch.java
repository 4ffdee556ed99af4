package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Answers a {@code restore_command}: there, not there, or an error, which is tried again for a
 * while. How it ends depends on what the server makes of it; see {@link RecoveryMode}.
 */
final class PatientFetch {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final WalSupply supply;
    private final ArchiveSettings.Limits limits;
    private final LongSupplier nanos;
    private final Sleep sleep;

    /** Waits. */
    @FunctionalInterface
    interface Sleep {
        void sleep(Duration time) throws InterruptedException;
    }

    /**
     * @param nanos a monotonic clock
     */
    PatientFetch(WalSupply supply, ArchiveSettings.Limits limits, LongSupplier nanos, Sleep sleep) {
        this.supply = supply;
        this.limits = limits;
        this.nanos = nanos;
        this.sleep = sleep;
    }

    Answer.Done fetch(WalFile file, Path destination, RecoveryMode mode)
            throws InterruptedException {
        long start = nanos.getAsLong();
        Duration patience = mode.patience(limits);
        Duration pause = FIRST_PAUSE;
        while (true) {
            BackupException failure;
            try {
                return supply.fetch(file, destination)
                        ? new Answer.Done(0, "")
                        : new Answer.Done(BackrestExit.NOT_FOUND.code(), "");
            } catch (BackupException e) {
                failure = e;
            }
            if (nanos.getAsLong() - start + pause.toNanos() > patience.toNanos()) {
                return new Answer.Done(mode.exit(failure.exit().code()), text(failure, mode));
            }
            sleep.sleep(pause);
            pause = pause.multipliedBy(2);
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
        }
    }

    private static String text(BackupException failure, RecoveryMode mode) {
        String line = OneLine.of(failure);
        return switch (mode) {
            case STANDBY -> line;
            case TARGETED ->
                    line + "; recovery is ended, as it would take this for the end of the log";
        };
    }
}
