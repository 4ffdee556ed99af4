package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.storage.Storage;

/** A stanza of a repository. Safe for use by many threads. */
public final class Repository implements AutoCloseable {
    private Repository() {}

    /** Reads nothing yet. */
    public static Repository open(RepositorySettings settings) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** On a storage that is open, and that it closes. */
    public static Repository open(RepositorySettings settings, Storage storage) {
        throw new UnsupportedOperationException();
    }

    public RepositorySettings settings() {
        throw new UnsupportedOperationException();
    }

    public int key() {
        throw new UnsupportedOperationException();
    }

    public String stanza() {
        throw new UnsupportedOperationException();
    }

    public Storage storage() {
        throw new UnsupportedOperationException();
    }

    public RepositoryFiles files() {
        throw new UnsupportedOperationException();
    }

    public Archive archive() {
        throw new UnsupportedOperationException();
    }

    public Backups backups() {
        throw new UnsupportedOperationException();
    }

    /** For messages: {@code repo1 (/var/lib/pgbackrest)}. */
    public String describe() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
