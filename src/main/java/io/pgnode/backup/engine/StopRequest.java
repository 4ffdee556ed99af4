package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;

/**
 * Asks a backup to end soon, as for SIGTERM: it leaves what the next one can go on with. Safe for
 * use by many threads.
 */
public final class StopRequest {
    private volatile boolean isRequested;
    private Runnable onRequest = () -> {};

    public void request() {
        Runnable interrupter;
        synchronized (this) {
            isRequested = true;
            interrupter = onRequest;
        }
        interrupter.run();
    }

    /** What ends calls that would go on for long; run at once when the request came already. */
    void onRequest(Runnable interrupter) {
        synchronized (this) {
            onRequest = interrupter;
            if (!isRequested) {
                return;
            }
        }
        interrupter.run();
    }

    public boolean isRequested() {
        return isRequested;
    }

    /**
     * Ends what calls it once there is a request.
     *
     * @throws BackupException {@code TERMINATED}
     */
    public void check() throws BackupException {
        if (isRequested || Thread.currentThread().isInterrupted()) {
            throw new BackupException(
                    BackrestExit.TERMINATED,
                    "the backup was asked to stop",
                    "the next backup goes on where this one ended");
        }
    }

    /**
     * Sleeps, but not beyond a request.
     *
     * @throws BackupException {@code TERMINATED} after a request
     */
    public void pause(long millis) throws BackupException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (true) {
            check();
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return;
            }
            try {
                Thread.sleep(Math.min(left, 50));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
