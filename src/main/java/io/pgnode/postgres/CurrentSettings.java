package io.pgnode.postgres;

import java.util.function.Supplier;

/**
 * The settings in force, for everybody to read at the moment of use. A reload replaces them as a
 * whole, on any thread.
 */
final class CurrentSettings implements Supplier<PostgresSettings> {
    private volatile PostgresSettings settings;

    CurrentSettings(PostgresSettings settings) {
        this.settings = settings;
    }

    @Override
    public PostgresSettings get() {
        return settings;
    }

    /** Takes over what can change while the server runs. */
    void reload(PostgresSettings newer) {
        settings = settings.reloaded(newer);
    }
}
