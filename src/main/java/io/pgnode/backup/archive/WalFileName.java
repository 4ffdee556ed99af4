package io.pgnode.backup.archive;

import io.pgnode.backup.core.WalFile;
import java.util.Optional;

/** Names that come from outside. */
final class WalFileName {
    private WalFileName() {}

    /** Empty when PostgreSQL has no such file. */
    static Optional<WalFile> parse(String name) {
        try {
            return Optional.of(WalFile.parse(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
