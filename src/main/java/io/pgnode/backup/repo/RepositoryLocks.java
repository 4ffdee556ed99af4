package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackupException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * pgBackRest's locks of this host, which we hold, too, while we do what it would do: it then ends
 * with exit code 50, and so do we while it holds them.
 */
public final class RepositoryLocks {
    /** Where pgBackRest has them unless it is configured otherwise. */
    public static final Path DEFAULT_DIRECTORY = Path.of("/tmp/pgbackrest");

    /** What a lock is for. */
    public enum Type {
        /** archive-push and archive-get, in the background. */
        ARCHIVE,
        /** Backup, expire and whatever changes a stanza's backups. */
        BACKUP,
        RESTORE
    }

    /** A lock that is held; closing releases it. */
    public interface Held extends AutoCloseable {
        /**
         * Says how far the job is, for {@code pgbackrest info}.
         *
         * @param done bytes
         * @param total bytes
         */
        void progress(long done, long total) throws BackupException;

        @Override
        void close();
    }

    /**
     * What the holder of a lock says of itself.
     *
     * @param size bytes; 0 when it does not say
     * @param sizeComplete bytes; 0 when it does not say
     */
    public record Holder(long pid, long size, long sizeComplete) {}

    public RepositoryLocks(Path directory) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes a lock, at once.
     *
     * @param repositoryKey whose: pgBackRest 2.5x locks each repository by itself, its earlier
     *     versions the stanza; both are taken
     * @throws BackupException {@code LOCK_ACQUIRE} when it is held, {@code STOPPED} while {@code
     *     pgbackrest stop} is in force
     */
    public Held acquire(String stanza, Type type, int repositoryKey) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Who has a lock; empty when nobody has. */
    public Optional<Holder> holder(String stanza, Type type, int repositoryKey)
            throws BackupException {
        throw new UnsupportedOperationException();
    }
}
