package io.pgnode.postgres;

import io.pgnode.os.AtomicFile;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * libpq's password file, for standbys and tools, so that no password stands in a command line, a
 * connection string or postgresql.conf.
 */
final class PassFile {
    private final Supplier<PostgresSettings> settings;

    PassFile(Supplier<PostgresSettings> settings) {
        this.settings = settings;
    }

    Path path() {
        return settings.get().runDir().resolve("pgpass");
    }

    /** Writes it anew: the run directory may have been lost, a password changed. */
    Path write() throws PostgresException {
        PostgresSettings now = settings.get();
        StringBuilder text = new StringBuilder();
        for (Credentials role :
                new Credentials[] {now.superuser(), now.replication(), now.rewind()}) {
            if (role.hasPassword()) {
                text.append("*:*:*:")
                        .append(escape(role.user()))
                        .append(':')
                        .append(escape(role.password()))
                        .append('\n');
            }
        }
        return writeOwned(path(), text.toString());
    }

    /** Writes a secret of one line for a tool to read; the caller deletes it. */
    Path writeSecret(String name, String secret) throws PostgresException {
        return writeOwned(settings.get().runDir().resolve(name), secret + "\n");
    }

    private static Path writeOwned(Path file, String text) throws PostgresException {
        try {
            Path directory = file.getParent();
            if (directory != null) {
                Directories.create(directory, "rwx------");
            }
            AtomicFile.write(file, text, AtomicFile.OWNER_ONLY);
            return file;
        } catch (IOException e) {
            throw new PostgresException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace(":", "\\:");
    }
}
