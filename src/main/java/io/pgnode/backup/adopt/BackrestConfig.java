package io.pgnode.backup.adopt;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What pgBackRest's configuration files say, in the order of the files: the main one, then {@code
 * *.conf} of the directory of includes, by name. A section may stand in several of them.
 *
 * <p>Variables of the environment and options on command lines, which would win, are not seen.
 */
public final class BackrestConfig {
    /** The directory beside the main file that includes are in. */
    private static final String INCLUDES = "conf.d";

    private static final long MAX_FILE = 1 << 20;

    private final List<Entry> entries;

    /**
     * A line.
     *
     * @param section without brackets: {@code global}, {@code global:backup}, {@code main}
     * @param key as it is written
     * @param place file and line, for messages
     */
    record Entry(String section, String key, String value, String place) {
        BackrestOption option() {
            return BackrestOption.parse(key);
        }

        /** Without the value, which may be a secret. */
        @Override
        public String toString() {
            return "[" + section + "] " + key + " at " + place;
        }
    }

    private BackrestConfig(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * @param path the main file, whose directory's {@code conf.d} is read after it when there is
     *     one; or such a directory alone
     * @throws BackupException when a file cannot be read, or is not of pgBackRest's form
     */
    public static BackrestConfig read(Path path) throws BackupException {
        List<Path> files = new ArrayList<>();
        try {
            if (Files.isDirectory(path)) {
                files.addAll(includes(path));
            } else {
                files.add(path);
                files.addAll(includes(path.toAbsolutePath().resolveSibling(INCLUDES)));
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        if (files.isEmpty()) {
            throw new BackupException(
                    BackrestExit.FILE_MISSING,
                    path + " has no files that end with .conf",
                    "name pgBackRest's configuration file, mostly"
                            + " /etc/pgbackrest/pgbackrest.conf");
        }
        List<Entry> entries = new ArrayList<>();
        for (Path file : files) {
            read(file, entries);
        }
        return new BackrestConfig(entries);
    }

    /** The stanzas that have a section, in the order of the files. */
    public List<String> stanzas() {
        return entries.stream()
                .map(entry -> stanzaOf(entry.section()))
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    List<Entry> entries() {
        return entries;
    }

    /** The stanza whose section it is; empty for {@code global} and its like. */
    static Optional<String> stanzaOf(String section) {
        String name = nameOf(section);
        return name.equals("global") ? Optional.empty() : Optional.of(name);
    }

    /** The command that the section is for; empty for all. */
    static Optional<String> commandOf(String section) {
        int colon = section.indexOf(':');
        return colon < 0 ? Optional.empty() : Optional.of(section.substring(colon + 1));
    }

    private static String nameOf(String section) {
        int colon = section.indexOf(':');
        return colon < 0 ? section : section.substring(0, colon);
    }

    private static List<Path> includes(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> String.valueOf(file.getFileName()).endsWith(".conf"))
                    .sorted()
                    .toList();
        }
    }

    private static void read(Path file, List<Entry> entries) throws BackupException {
        String section = "";
        int number = 0;
        for (String raw : lines(file)) {
            number++;
            String line = raw.strip();
            String place = file + ":" + number;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1).strip();
                continue;
            }
            int equals = line.indexOf('=');
            if (section.isEmpty() || equals <= 0) {
                throw new BackupException(
                        BackrestExit.CONFIG,
                        place + " is no section and no key=value within one",
                        "pgBackRest refuses the file, too: correct the line, or begin it with #");
            }
            String key = line.substring(0, equals).strip();
            String value = line.substring(equals + 1).strip();
            entries.add(new Entry(section, key, value, place));
        }
    }

    private static List<String> lines(Path file) throws BackupException {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new BackupException(
                        BackrestExit.CONFIG,
                        file + " has more than " + MAX_FILE + " bytes, so it is no configuration");
            }
            return Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw new BackupException(BackrestExit.CONFIG, file + " is not text in UTF-8", null, e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static BackupException unreadable(Path file, IOException cause) {
        return new BackupException(
                BackrestExit.FILE_OPEN,
                file + " cannot be read: " + cause,
                "run this as the user that pgBackRest runs as",
                cause);
    }
}
