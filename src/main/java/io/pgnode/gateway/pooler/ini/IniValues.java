package io.pgnode.gateway.pooler.ini;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads values as what they must be. */
final class IniValues {
    private final Map<String, IniKey> keys = IniKeys.all();
    private final Map<String, IniFile.Entry> entries;
    private final String file;
    private final Findings findings;

    /**
     * @param file stands for the place of keys that have no entry
     * @param findings takes what is wrong
     */
    IniValues(String file, Map<String, IniFile.Entry> entries, Findings findings) {
        this.file = file;
        this.entries = entries;
        this.findings = findings;
    }

    /** Where the key is set; the file as a whole when it is not. */
    String where(String name) {
        IniFile.Entry entry = entries.get(name);
        return entry == null ? file : entry.where();
    }

    private IniKey key(String name) {
        IniKey key = keys.get(name);
        if (key == null) {
            throw new IllegalArgumentException("no such key: " + name);
        }
        return key;
    }

    String text(String name) {
        IniFile.Entry entry = entries.get(name);
        return entry == null ? key(name).usual() : entry.value();
    }

    List<String> list(String name) {
        return Arrays.stream(text(name).split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    int number(String name) {
        IniFile.Entry entry = entries.get(name);
        int usual = Integer.parseInt(key(name).usual());
        return entry == null ? usual : number(key(name), name, entry.value(), entry.where(), usual);
    }

    Duration seconds(String name) {
        IniFile.Entry entry = entries.get(name);
        Duration usual = duration(Double.parseDouble(key(name).usual()));
        return entry == null
                ? usual
                : seconds(key(name), name, entry.value(), entry.where(), usual);
    }

    boolean isOn(String name) {
        IniFile.Entry entry = entries.get(name);
        if (entry == null) {
            return key(name).usual().equals("1");
        }
        return switch (entry.value().toLowerCase(Locale.ROOT)) {
            case "1", "on", "yes", "true" -> true;
            case "0", "off", "no", "false" -> false;
            default -> {
                findings.wrong(entry.where(), name, entry.value(), "0 or 1", "");
                yield false;
            }
        };
    }

    String choice(String name) {
        IniFile.Entry entry = entries.get(name);
        return entry == null
                ? key(name).usual()
                : choice(key(name), name, entry.value(), entry.where());
    }

    /** A word of the choices that the global key of that name has. */
    String choice(String name, String value, String where) {
        return choice(key(name), name, value, where);
    }

    private String choice(IniKey key, String name, String value, String where) {
        if (!key.choices().contains(value)) {
            findings.wrong(where, name, value, "one of " + String.join(", ", key.choices()), "");
            return key.usual();
        }
        return value;
    }

    /**
     * A number within the bounds of the global key {@code like}.
     *
     * @param value null for {@code usual}
     */
    int number(String like, String name, @Nullable String value, String where, int usual) {
        return value == null ? usual : number(key(like), name, value, where, usual);
    }

    private int number(IniKey key, String name, String value, String where, int usual) {
        String expected = "a whole number from " + (long) key.least() + " to " + (long) key.most();
        try {
            long number = Long.parseLong(value.strip());
            if (number >= key.least() && number <= key.most()) {
                return (int) number;
            }
            findings.wrong(where, name, value, expected, "");
        } catch (NumberFormatException e) {
            findings.wrong(where, name, value, expected, "");
        }
        return usual;
    }

    Duration seconds(
            String like, String name, @Nullable String value, String where, Duration usual) {
        return value == null ? usual : seconds(key(like), name, value, where, usual);
    }

    private Duration seconds(IniKey key, String name, String value, String where, Duration usual) {
        try {
            double seconds = Double.parseDouble(value.strip());
            if (seconds >= 0 && seconds <= key.most()) {
                return duration(seconds);
            }
        } catch (NumberFormatException _) {
            // Said below, as for a number out of range.
        }
        findings.wrong(
                where,
                name,
                value,
                "a number of seconds, 0 or more",
                value.matches("[0-9.]+ *(ms|s|min|m|h|d)")
                        ? "write the number alone; fractions are allowed"
                        : "");
        return usual;
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}
