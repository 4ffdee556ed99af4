package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files with which {@code pgbackrest stop} forbids work on this host. */
public final class StopFiles {
    private static final String SUFFIX = ".stop";
    private static final String ALL = "all" + SUFFIX;

    private final Path directory;

    /**
     * @param directory pgBackRest's lock-path
     */
    public StopFiles(Path directory) {
        this.directory = directory;
    }

    /** Whether work on the stanza is forbidden. */
    public boolean isStopped(String stanza) {
        return Files.exists(directory.resolve(ALL)) || Files.exists(file(stanza));
    }

    private Path file(String stanza) {
        return directory.resolve(stanza + SUFFIX);
    }

    /**
     * @throws BackupException {@code STOPPED} when work on the stanza is forbidden
     */
    public void check(String stanza) throws BackupException {
        if (isStopped(stanza)) {
            throw new BackupException(
                    BackrestExit.STOPPED,
                    Files.exists(file(stanza))
                            ? "stop file exists for stanza " + stanza + ": " + file(stanza)
                            : "stop file exists for all stanzas: " + directory.resolve(ALL),
                    "pgbackrest start allows work again");
        }
    }

    /** Forbids work on a stanza. */
    public void stop(String stanza) throws BackupException {
        try {
            Files.createDirectories(directory);
            if (!Files.exists(file(stanza))) {
                Files.createFile(file(stanza));
            }
        } catch (IOException e) {
            throw Failures.of("cannot write the stop file of stanza " + stanza, e);
        }
    }

    /** Allows work on a stanza again. */
    public void start(String stanza) throws BackupException {
        try {
            Files.deleteIfExists(file(stanza));
        } catch (IOException e) {
            throw Failures.of("cannot remove the stop file of stanza " + stanza, e);
        }
    }
}
