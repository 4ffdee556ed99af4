package io.pgnode.gateway.pooler.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sections of {@code key = value} lines, in the order of the file; comments begin with {@code ;} or
 * {@code #} at the start of a line, and {@code %include FILE} reads another file in place.
 */
public final class IniFile {
    private static final int MAX_INCLUDES = 10;

    /** A value and where it stands. */
    public record Entry(String value, String where) {}

    private final Map<String, Map<String, Entry>> sections = new LinkedHashMap<>();
    private final List<IniProblem> problems = new ArrayList<>();

    private IniFile() {}

    public static IniFile read(Path file) throws IOException {
        IniFile ini = new IniFile();
        ini.read(file, "", 0);
        return ini;
    }

    /** Of sections that were read elsewhere. */
    public static IniFile of(Map<String, Map<String, Entry>> sections) {
        IniFile ini = new IniFile();
        ini.sections.putAll(sections);
        return ini;
    }

    private String read(Path file, String current, int depth) throws IOException {
        String section = current;
        int number = 0;
        for (String raw : Files.readAllLines(file)) {
            number++;
            String line = raw.strip();
            String where = file + ":" + number;
            if (line.isEmpty() || line.startsWith(";") || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("%include")) {
                section = include(file, line, section, where, depth);
            } else if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1).strip();
                sections.computeIfAbsent(section, _ -> new LinkedHashMap<>());
            } else {
                entry(section, line, where);
            }
        }
        return section;
    }

    private String include(Path file, String line, String section, String where, int depth)
            throws IOException {
        Path other = file.resolveSibling(line.substring("%include".length()).strip());
        if (depth >= MAX_INCLUDES) {
            problems.add(new IniProblem(where, "files include each other too deeply", ""));
            return section;
        }
        if (!Files.isRegularFile(other) || !Files.isReadable(other)) {
            problems.add(new IniProblem(where, other + " cannot be read", ""));
            return section;
        }
        return read(other, section, depth + 1);
    }

    private void entry(String section, String line, String where) {
        int equals = keyEnd(line);
        if (equals <= 0) {
            problems.add(new IniProblem(where, "not a line of the form key = value", ""));
            return;
        }
        if (section.isEmpty()) {
            problems.add(
                    new IniProblem(
                            where, "no section yet", "begin with [databases] or [pgbouncer]"));
            return;
        }
        String key = unquoted(line.substring(0, equals).strip());
        sections.computeIfAbsent(section, _ -> new LinkedHashMap<>())
                .put(key, new Entry(line.substring(equals + 1).strip(), where));
    }

    /** A database's name may be quoted, and contain an equals sign then. */
    private static int keyEnd(String line) {
        if (!line.startsWith("\"")) {
            return line.indexOf('=');
        }
        int end = 1;
        while (end < line.length()) {
            if (line.charAt(end) == '"') {
                if (end + 1 < line.length() && line.charAt(end + 1) == '"') {
                    end++;
                } else {
                    return line.indexOf('=', end);
                }
            }
            end++;
        }
        return -1;
    }

    private static String unquoted(String key) {
        return key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"")
                ? key.substring(1, key.length() - 1).replace("\"\"", "\"")
                : key;
    }

    /** The entries of a section; empty when the file has none of that name. */
    public Map<String, Entry> section(String name) {
        return sections.getOrDefault(name, Map.of());
    }

    public List<String> sectionNames() {
        return List.copyOf(sections.keySet());
    }

    /** Lines that are no lines of an ini file. */
    public List<IniProblem> problems() {
        return List.copyOf(problems);
    }
}
