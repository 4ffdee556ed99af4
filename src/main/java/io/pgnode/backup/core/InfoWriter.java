package io.pgnode.backup.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes an info file: sections and keys in the order they are given, then its checksum. */
final class InfoWriter {
    static final int FORMAT = 5;

    /** The release of pgBackRest whose format it is. */
    static final String VERSION = "2.55.1";

    private final ByteBuilder file;
    private final InfoChecksum checksum = new InfoChecksum();

    /**
     * @param size bytes of the file, about
     */
    InfoWriter(String version, int size) {
        file = new ByteBuilder(size);
        section("backrest");
        entry("backrest-format", FORMAT);
        entry("backrest-version", version);
    }

    InfoWriter section(String name) {
        startSection(name);
        int from = file.length() - 2 - name.length();
        checksum.section(file.array(), from, name.length());
        return this;
    }

    private void startSection(String name) {
        if (file.length() > 0) {
            file.ascii("\n");
        }
        file.ascii("[").ascii(name).ascii("]\n");
    }

    /** An entry; none when the value is null. */
    InfoWriter entry(String key, @Nullable Object value) {
        if (value != null) {
            int from = beginEntry();
            file.raw(key);
            int equals = beginValue();
            BackrestJson.write(value, file);
            endEntry(from, equals);
        }
        return this;
    }

    /** A section of one entry for each; none when there are none. */
    void section(String name, Map<String, ? extends Object> entries) {
        if (!entries.isEmpty()) {
            section(name);
            entries.forEach(this::entry);
        }
    }

    /** Where entries are written by hand: between {@link #beginEntry} and {@link #endEntry}. */
    ByteBuilder bytes() {
        return file;
    }

    int beginEntry() {
        return file.length();
    }

    int beginValue() {
        int equals = file.length();
        file.ascii("=");
        return equals;
    }

    void endEntry(int from, int equals) {
        checksum.entry(file.array(), from, equals - from, equals + 1, file.length() - equals - 1);
        file.ascii("\n");
    }

    byte[] end() {
        Checksum sum = checksum.end();
        startSection("backrest");
        file.ascii("backrest-checksum=\"").ascii(sum.toString()).ascii("\"\n");
        return file.toBytes();
    }
}
