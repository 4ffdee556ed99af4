package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseAddress;
import io.pgnode.postgres.PostgresException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes backups in pgBackRest's format.
 *
 * <p>Nothing of a backup is visible before all of it is durable; one that ends early leaves what
 * the next one goes on with. One backup at a time for each engine.
 */
public final class BackupEngine {
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final StopRequest stop;

    /**
     * @param clock for labels and times in the backup
     * @param nanos a monotonic clock
     * @param stop ends the backup
     */
    public BackupEngine(InstantSource clock, LongSupplier nanos, StopRequest stop) {
        this.clock = clock;
        this.nanos = nanos;
        this.stop = stop;
    }

    /**
     * Makes a backup.
     *
     * @throws BackupException with the exit code that pgBackRest would end with; {@code TERMINATED}
     *     after a stop request
     */
    public BackupResult run(BackupRequest request, Progress progress) throws BackupException {
        try (Repository repository = Repository.open(request.repository())) {
            return run(request, repository, progress);
        }
    }

    /** As {@link #run(BackupRequest, Progress)}, in a repository that is open. */
    public BackupResult run(BackupRequest request, Repository repository, Progress progress)
            throws BackupException {
        RepositoryLocks locks = new RepositoryLocks(request.lockDirectory());
        DatabaseAddress primary = request.primary();
        try (RepositoryLocks.Held lock =
                        locks.acquire(
                                repository.stanza(),
                                RepositoryLocks.Type.BACKUP,
                                repository.key());
                BackupSession local = open(request.database());
                BackupSession remote = primary == null ? null : open(primary)) {
            Sessions sessions = new Sessions(local, remote == null ? local : remote);
            stop.onRequest(sessions::abort);
            return new BackupRun(request, repository, lock, sessions, progress, clock, nanos, stop)
                    .run();
        } finally {
            stop.onRequest(() -> {});
        }
    }

    private static BackupSession open(DatabaseAddress address) throws BackupException {
        try {
            return BackupSession.open(address, CONNECT);
        } catch (PostgresException e) {
            throw Failures.of(BackrestExit.DB_CONNECT, e);
        }
    }

    /**
     * The sessions of a backup.
     *
     * @param local of the server whose files are read
     * @param control of the primary, where the backup is started and stopped; the same for a backup
     *     of the primary
     */
    record Sessions(BackupSession local, BackupSession control) {
        boolean isStandby() {
            return local != control;
        }

        /** Ends what is under way at the servers; they forget the backup. */
        void abort() {
            local.abort();
            control.abort();
        }

        /** Whether the roles are still what they were. */
        @Nullable String problem() throws PostgresException {
            if (control.isInRecovery()) {
                return "the server where the backup was started is no primary any more";
            }
            return isStandby() && !local.isInRecovery()
                    ? "the standby was promoted while its files were copied"
                    : null;
        }
    }
}
