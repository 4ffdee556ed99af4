package io.pgnode.backup.storage;

import java.io.IOException;

/** Opens storages. */
public final class Storages {
    private Storages() {}

    /**
     * Does not talk to the store yet.
     *
     * @throws IOException when the settings cannot work here, such as a CA file that is not one
     */
    public static Storage open(StorageSettings settings) throws IOException {
        return switch (settings) {
            case StorageSettings.Posix posix -> new PosixStorage(posix.root());
            case StorageSettings.S3 s3 -> new S3Storage(s3.settings());
        };
    }
}
