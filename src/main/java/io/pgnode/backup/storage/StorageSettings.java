package io.pgnode.backup.storage;

import java.nio.file.Path;

/** Where a repository's files are. */
public sealed interface StorageSettings {
    /**
     * A directory of this host, local or NFS.
     *
     * @param root absolute; made when it does not exist
     */
    record Posix(Path root) implements StorageSettings {
        public Posix {
            if (!root.isAbsolute()) {
                throw new IllegalArgumentException(
                        "repository path must be absolute, was \"" + root + "\"");
            }
            root = root.normalize();
        }
    }

    /** A bucket of an S3-compatible store. */
    record S3(S3Settings settings) implements StorageSettings {}
}
