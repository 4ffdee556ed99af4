package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackupException;
import java.nio.file.Path;

/** The files with which {@code pgbackrest stop} forbids work on this host. */
public final class StopFiles {
    /**
     * @param directory pgBackRest's lock-path
     */
    public StopFiles(Path directory) {
        throw new UnsupportedOperationException();
    }

    /** Whether work on the stanza is forbidden. */
    public boolean isStopped(String stanza) {
        throw new UnsupportedOperationException();
    }

    /**
     * @throws BackupException {@code STOPPED} when work on the stanza is forbidden
     */
    public void check(String stanza) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Forbids work on a stanza. */
    public void stop(String stanza) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Allows work on a stanza again. */
    public void start(String stanza) throws BackupException {
        throw new UnsupportedOperationException();
    }
}
