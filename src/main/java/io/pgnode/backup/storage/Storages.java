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
        throw new IOException("not written yet: " + settings);
    }
}
