package io.pgnode.backup.archive;

import io.pgnode.backup.storage.Storage;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Removes temporary files that a killed push left among the WAL. They are where pushes are: in the
 * directory of the segments of these days, which is looked at when the first one goes to the next:
 * once in 256 segments, and never by a command that pushes one file. Many threads.
 */
final class Leftovers {
    /** No push takes as long, whatever the clocks of file servers say. */
    private static final Duration AGE = Duration.ofHours(1);

    private final Storage storage;
    private final InstantSource clock;
    private final AtomicReference<String> last = new AtomicReference<>("");

    Leftovers(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /**
     * A file was stored.
     *
     * @param directory where it is
     */
    void stored(String directory) {
        String before = last.getAndSet(directory);
        if (!before.equals(directory)) {
            tidy(before);
        }
    }

    private void tidy(String directory) {
        if (directory.isEmpty()) {
            return;
        }
        try {
            storage.removeUnfinished(directory, clock.instant().minus(AGE));
        } catch (IOException _) {
            // They are in the way of nobody. No log: a command that pushes one file has none.
        }
    }
}
