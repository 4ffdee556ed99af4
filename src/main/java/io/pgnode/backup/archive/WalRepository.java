package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.postgres.core.HistoryFile;
import java.nio.file.Path;
import java.util.Map;

/**
 * The archive of one repository, as far as WAL going in and out is concerned. Calls block; many
 * threads.
 */
interface WalRepository extends AutoCloseable {
    /** Number of the repository, from 1. */
    int key();

    /** For messages: {@code repo1 (/var/lib/pgbackrest)}. */
    String describe();

    /**
     * Stores a file, durably.
     *
     * @return false when it is there already with the same content
     * @throws BackupException {@code ARCHIVE_DUPLICATE} when it is there with another content
     */
    boolean push(WalFile file, Path source) throws BackupException;

    /** Whether there is a file of this name. */
    boolean isThere(WalFile file) throws BackupException;

    /** Whether the file is there with this content. */
    boolean has(WalFile file, Path source) throws BackupException;

    /**
     * Stores a file beside the archive, where nobody looks for WAL; durably, and nothing to do when
     * it is there already with the same content.
     */
    void quarantine(WalFile file, Path source) throws BackupException;

    /**
     * Brings a file: at the destination it is whole, verified and durable, or not at all.
     *
     * @return false when it is proven not to be there
     */
    boolean get(WalFile file, Path destination) throws BackupException;

    /** The timeline histories that are archived, by timeline. */
    Map<Integer, HistoryFile> histories() throws BackupException;

    @Override
    void close();
}
