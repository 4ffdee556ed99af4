package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sections {@code [db]} and {@code [db:history]} of both info files. */
final class HistorySections {
    private HistorySections() {}

    /**
     * @param systemIdKey what the history calls the system identifier
     * @param hasVersions whether catalog and control versions are there
     */
    static DatabaseHistory read(InfoSections file, String systemIdKey, boolean hasVersions)
            throws FormatException {
        List<DatabaseVersion> entries = new ArrayList<>();
        InfoFields history = file.section("db:history");
        for (Map.Entry<String, @Nullable Object> line : history.entries().entrySet()) {
            int id = history.parsed(line.getKey(), line.getKey(), Integer::parseInt);
            InfoFields fields = InfoFields.of(file.kind(), "[db:history] " + id, line.getValue());
            entries.add(
                    new DatabaseVersion(
                            id,
                            fields.text("db-version"),
                            fields.unsigned(systemIdKey),
                            hasVersions ? fields.integer("db-catalog-version") : 0,
                            hasVersions ? fields.integer("db-control-version") : 0));
        }
        InfoFields db = file.section("db");
        int current = db.integer("db-id");
        if (entries.stream().noneMatch(entry -> entry.id() == current)) {
            throw new FormatException(
                    file.kind(), "[db] db-id", "is " + current + ", which is not in the history");
        }
        DatabaseHistory read = new DatabaseHistory(current, entries);
        if (!read.current().is(db.unsigned("db-system-id"), db.text("db-version"))) {
            throw new FormatException(
                    file.kind(), "[db]", "is not what the history says of id " + current);
        }
        return read;
    }

    static void write(
            DatabaseHistory databases, String systemIdKey, boolean hasVersions, InfoWriter out) {
        DatabaseVersion current = databases.current();
        out.section("db");
        if (hasVersions) {
            out.entry("db-catalog-version", current.catalogVersion());
            out.entry("db-control-version", current.controlVersion());
        }
        out.entry("db-id", current.id());
        out.entry("db-system-id", Long.parseUnsignedLong(current.systemId()));
        out.entry("db-version", current.version());

        Map<String, Object> lines = new TreeMap<>();
        for (DatabaseVersion entry : databases.entries()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            if (hasVersions) {
                fields.put("db-catalog-version", entry.catalogVersion());
                fields.put("db-control-version", entry.controlVersion());
            }
            fields.put(systemIdKey, Long.parseUnsignedLong(entry.systemId()));
            fields.put("db-version", entry.version());
            lines.put(Integer.toString(entry.id()), fields);
        }
        out.section("db:history", lines);
    }
}
