package io.pgnode.postgres;

import io.pgnode.os.AtomicFile;
import io.pgnode.postgres.core.ConfigText;
import io.pgnode.postgres.core.HbaDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The configuration files in the data directory, as Patroni lays them out: the file that initdb or
 * the operator wrote becomes postgresql.base.conf, and postgresql.conf includes it and overrides.
 *
 * <p>Files are replaced only when their text changes.
 */
final class ConfigFiles {
    static final String SYNC_NAMES = "synchronous_standby_names";

    private static final String BASE = "postgresql.base.conf";

    private final Supplier<PostgresSettings> settings;
    private final DataDirectory data;

    ConfigFiles(Supplier<PostgresSettings> settings, DataDirectory data) {
        this.settings = settings;
        this.data = data;
    }

    Path postgresqlConf() {
        return data.file("postgresql.conf");
    }

    /** The text of postgresql.conf. */
    String postgresqlConf(Map<String, String> parameters, Map<String, String> managed) {
        Path custom = settings.get().customConf();
        String base = custom == null ? BASE : custom.toString();
        return ConfigText.postgresqlConf(base, parameters, managed);
    }

    boolean isPostgresqlConf(String text) {
        return read(postgresqlConf()).equals(text);
    }

    /** Whether the text on disk changed. */
    boolean writePostgresqlConf(String text) throws PostgresException {
        keepBase();
        return write(postgresqlConf(), text);
    }

    /** Settings of the generated file on disk; empty when it is not ours. */
    Map<String, String> generated() {
        String text = read(postgresqlConf());
        return ConfigText.isOurs(text) ? ConfigText.settings(text) : Map.of();
    }

    /** An empty list leaves the file as it is. Whether a text on disk changed. */
    boolean writeAccessFiles(List<String> hba, List<String> ident) throws PostgresException {
        boolean changed = !hba.isEmpty() && write(data.file("pg_hba.conf"), ConfigText.lines(hba));
        boolean identChanged =
                !ident.isEmpty() && write(data.file("pg_ident.conf"), ConfigText.lines(ident));
        return changed || identChanged;
    }

    /** For a fresh cluster whose configuration has no list. */
    void writeDefaultHba() throws PostgresException {
        PostgresSettings now = settings.get();
        List<String> lines =
                HbaDefaults.lines(
                        now.osUser(),
                        now.superuser().user(),
                        now.superuser().hasPassword(),
                        now.replication().user(),
                        now.replication().hasPassword());
        write(data.file("pg_hba.conf"), ConfigText.lines(lines));
    }

    /** Removes recovery settings that ALTER SYSTEM or a backup tool left. */
    void stripAutoConf() throws PostgresException {
        Path file = data.file("postgresql.auto.conf");
        String text = read(file);
        String stripped = ConfigText.withoutRecovery(text);
        if (!text.equals(stripped)) {
            write(file, stripped);
        }
    }

    /** The first time: what initdb or the operator wrote becomes the base. */
    void keepBase() throws PostgresException {
        Path base = data.file(BASE);
        try {
            if (Files.exists(base)) {
                return;
            }
            String current = read(postgresqlConf());
            if (!current.isEmpty() && !ConfigText.isOurs(current)) {
                Files.move(postgresqlConf(), base, StandardCopyOption.ATOMIC_MOVE);
            } else {
                AtomicFile.write(base, "", AtomicFile.OWNER_ONLY);
            }
        } catch (IOException e) {
            throw new PostgresException("cannot write " + base + ": " + e.getMessage(), e);
        }
    }

    private static boolean write(Path file, String text) throws PostgresException {
        if (read(file).equals(text)) {
            return false;
        }
        try {
            AtomicFile.write(file, text, AtomicFile.OWNER_ONLY);
            return true;
        } catch (IOException e) {
            throw new PostgresException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return ""; // unreadable: it is replaced
        }
    }
}
