package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings files out of the first repository that has them. From many threads; remembers nothing. */
final class WalFetcher implements WalSupply {
    private final List<WalRepository> repositories;

    /**
     * @param repositories in the order in which they are asked; one at least
     */
    WalFetcher(List<WalRepository> repositories) {
        this.repositories = List.copyOf(repositories);
    }

    /**
     * @throws BackupException when no repository brought it and at least one could not tell
     */
    @Override
    public boolean fetch(WalFile file, Path destination) throws BackupException {
        @Nullable BackupException failed = null;
        for (WalRepository repository : repositories) {
            try {
                if (repository.get(file, destination)) {
                    return true;
                }
            } catch (BackupException e) {
                if (failed == null) {
                    failed =
                            new BackupException(
                                    e.exit(),
                                    "cannot get "
                                            + file.name()
                                            + " from "
                                            + repository.describe()
                                            + ": "
                                            + WalPusher.withoutHint(e),
                                    e.hint(),
                                    e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
        return false;
    }
}
