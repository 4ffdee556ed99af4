package io.pgnode.cli;

import io.pgnode.backup.engine.Progress;
import io.pgnode.backup.schedule.BackupLease;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows how a backup goes on: to people, or to the scheduler that started it, which reads lines
 * {@code progress DONE TOTAL}.
 */
final class BackupProgress implements Progress {
    static final String PREFIX = "progress ";

    private final Console console;
    private final ProgressLine line;
    private final boolean isScheduled;
    private volatile BackupLease.Progress last = BackupLease.Progress.NONE;

    BackupProgress(Console console, boolean isScheduled) {
        this.console = console;
        this.line = new ProgressLine(console);
        this.isScheduled = isScheduled;
    }

    /** For the others of the cluster. */
    BackupLease.Progress last() {
        return last;
    }

    @Override
    public void at(Status status) {
        last = new BackupLease.Progress(status.bytesDone(), status.bytesTotal());
        if (isScheduled) {
            console.println(PREFIX + status.bytesDone() + " " + status.bytesTotal());
            return;
        }
        boolean isCopying = status.phase() == Phase.COPY;
        double rate = isCopying ? status.bytesPerSecond() : 0;
        long left = status.bytesTotal() - status.bytesDone();
        line.show(
                words(status.phase()),
                status.bytesDone(),
                isCopying ? status.bytesTotal() : 0,
                rate,
                rate > 0 ? Duration.ofSeconds(Math.round(left / rate)) : Duration.ZERO);
    }

    private static String words(Phase phase) {
        return switch (phase) {
            case CHECK -> "checking the repository and the archive";
            case START -> "waiting for the checkpoint";
            case LIST -> "listing files";
            case COPY -> "copying";
            case STOP -> "ending";
            case WAIT_FOR_WAL -> "waiting for the last WAL in the archive";
            case COMPLETE -> "completing";
        };
    }

    @Override
    public void note(String sentence) {
        line.note(sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1));
    }

    void end() {
        line.end();
    }
}
