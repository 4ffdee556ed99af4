package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackupException;

/** Creates a stanza's info files, and prepares them for an upgraded cluster. */
public final class StanzaSetup {
    private StanzaSetup() {}

    /** What was done. */
    public enum Result {
        CREATED,
        ALREADY_THERE,
        UPGRADED
    }

    /**
     * Makes the info files where missing.
     *
     * @throws BackupException {@code FILE_INVALID} when the stanza is another cluster's, {@code
     *     BACKUP_MISMATCH} and such when its files contradict each other; nothing is written then
     */
    public static Result create(Repository repository, Identity identity) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds an upgraded cluster, whose WAL and backups come in from now on. The lock and the right
     * to do so are the caller's matter.
     *
     * @throws BackupException {@code FILE_MISSING} when the stanza was not created
     */
    public static Result upgrade(Repository repository, Identity identity) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * Checks that the stanza is this cluster's.
     *
     * @throws BackupException {@code DB_MISMATCH} when it is not, {@code FILE_MISSING} when the
     *     stanza was not created
     */
    public static void check(Repository repository, Identity identity) throws BackupException {
        throw new UnsupportedOperationException();
    }
}
