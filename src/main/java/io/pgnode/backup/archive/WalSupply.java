package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.nio.file.Path;

/** Where WAL comes from. */
@FunctionalInterface
interface WalSupply {
    /**
     * Brings a file: at the destination it is whole and verified, or not at all.
     *
     * @return false when it is proven not to be there; never for an error
     */
    boolean fetch(WalFile file, Path destination) throws BackupException;
}
