package io.pgnode.backup.core;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole info file by section; for those that are not large.
 *
 * @param version of the program that wrote it
 */
record InfoSections(
        String kind, String version, Map<String, Map<String, @Nullable Object>> sections) {
    static InfoSections read(String kind, byte[] file) throws FormatException {
        Map<String, Map<String, @Nullable Object>> sections = new LinkedHashMap<>();
        String version =
                InfoReader.read(
                        kind,
                        file,
                        (section, key, value) ->
                                sections.computeIfAbsent(section, _ -> new LinkedHashMap<>())
                                        .put(key, value));
        return new InfoSections(kind, version, sections);
    }

    /** A section; without entries when there is none. */
    InfoFields section(String name) {
        return new InfoFields(kind, "[" + name + "]", sections.getOrDefault(name, Map.of()));
    }

    @Nullable String cipherPass() throws FormatException {
        return section("cipher").optionalText("cipher-pass");
    }

    /** Without the values: there are secrets among them. */
    @Override
    public String toString() {
        return kind + sections.keySet();
    }
}
