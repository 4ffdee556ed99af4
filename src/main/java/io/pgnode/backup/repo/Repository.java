package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.Storages;
import java.io.IOException;

/** A stanza of a repository. Safe for use by many threads. */
public final class Repository implements AutoCloseable {
    private final RepositorySettings settings;
    private final RepositoryFiles files;
    private final Archive archive;
    private final Backups backups;

    private Repository(RepositorySettings settings, Storage storage) {
        this.settings = settings;
        this.files = new RepositoryFiles(storage);
        this.archive = new Archive(this);
        this.backups = new Backups(this);
    }

    /** Reads nothing yet. */
    public static Repository open(RepositorySettings settings) throws BackupException {
        try {
            return open(settings, Storages.open(settings.storage()));
        } catch (IOException e) {
            throw Failures.of("cannot open repo" + settings.key(), e);
        }
    }

    /** On a storage that is open, and that it closes. */
    public static Repository open(RepositorySettings settings, Storage storage) {
        return new Repository(settings, storage);
    }

    public RepositorySettings settings() {
        return settings;
    }

    public int key() {
        return settings.key();
    }

    public String stanza() {
        return settings.stanza();
    }

    public Storage storage() {
        return files.storage();
    }

    public RepositoryFiles files() {
        return files;
    }

    public Archive archive() {
        return archive;
    }

    public Backups backups() {
        return backups;
    }

    /** For messages: {@code repo1 (/var/lib/pgbackrest)}. */
    public String describe() {
        return "repo" + key() + " (" + storage().describe() + ")";
    }

    @Override
    public String toString() {
        return describe();
    }

    @Override
    public void close() {
        storage().close();
    }
}
