package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.repo.Archive;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseFacts.ArchiverState;
import io.pgnode.postgres.PostgresException;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Waits until WAL is in the archive. */
final class ArchiveWait {
    private static final long POLL_MILLIS = 100;

    private final Archive archive;
    private final BackupSession session;
    private final Duration limit;
    private final StopRequest stop;
    private final LongSupplier nanos;

    /**
     * @param limit how long the archiver may archive nothing
     */
    ArchiveWait(
            Archive archive,
            BackupSession session,
            Duration limit,
            StopRequest stop,
            LongSupplier nanos) {
        this.archive = archive;
        this.session = session;
        this.limit = limit;
        this.stop = stop;
        this.nanos = nanos;
    }

    boolean has(WalSegment segment) throws BackupException {
        return archive.find(new WalFile.Segment(segment)).isPresent();
    }

    /** All from the first to the last. */
    void forAll(WalSegment first, WalSegment last, int segmentSize) throws BackupException {
        for (WalSegment segment = first;
                segment.compareTo(last) <= 0;
                segment = segment.next(segmentSize)) {
            forOne(segment);
        }
    }

    void forOne(WalSegment segment) throws BackupException {
        long archived = -1;
        long since = nanos.getAsLong();
        while (!has(segment)) {
            ArchiverState state = state();
            if (state.archived() != archived) {
                archived = state.archived();
                since = nanos.getAsLong();
            }
            if (nanos.getAsLong() - since > limit.toNanos()) {
                throw late(segment, state);
            }
            stop.pause(POLL_MILLIS);
        }
    }

    private ArchiverState state() throws BackupException {
        try {
            return session.archiver();
        } catch (PostgresException e) {
            throw Failures.of(BackrestExit.DB_QUERY, e);
        }
    }

    private BackupException late(WalSegment segment, ArchiverState state) {
        String failure = state.failure();
        return new BackupException(
                BackrestExit.ARCHIVE_TIMEOUT,
                "WAL segment "
                        + segment
                        + " did not come into the archive, and the archiver archived nothing for "
                        + limit.toSeconds()
                        + " s"
                        + (failure.isEmpty() ? "" : "; " + failure),
                failure.isEmpty()
                        ? "does archive_command or archive_library put WAL into this repository?"
                        : "the server's log says why the archiver failed");
    }
}
