package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Runs {@link Backfill} now and then, on a thread of its own. */
final class BackfillThread implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BackfillThread.class);

    /** A lost primary's successor archives its history within seconds. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final Backfill backfill;
    private final Thread thread;
    private String lastProblem = "";

    BackfillThread(Backfill backfill) {
        this.backfill = backfill;
        this.thread = Thread.ofPlatform().name("backfill").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                say(once());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** What went wrong; empty when nothing did. */
    private String once() {
        try {
            backfill.run();
            return "";
        } catch (BackupException e) {
            return OneLine.of(e);
        }
    }

    private void say(String problem) {
        if (!problem.equals(lastProblem) && !problem.isEmpty()) {
            LOG.warnf("cannot look for WAL that is missing in the archive: %s", problem);
        }
        lastProblem = problem;
    }

    /** Ends between two files, or in the middle of one, which leaves nothing behind. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
