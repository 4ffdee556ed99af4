package io.pgnode.backup.core;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reports of stanzas as JSON; keys are sorted, as pgBackRest has them. */
final class StanzaJson {
    private StanzaJson() {}

    static String render(List<StanzaReport> stanzas) {
        return BackrestJson.render(stanzas.stream().map(StanzaJson::stanza).toList());
    }

    private static Map<String, Object> stanza(StanzaReport report) {
        return map(
                "name",
                report.name(),
                "cipher",
                report.cipher().map(CipherType::text).orElse("mixed"),
                "status",
                map(
                        "code",
                        (long) report.status().code(),
                        "message",
                        report.status().message(),
                        "lock",
                        map("backup", lock(report.lock()))),
                "repo",
                report.repositories().stream().map(StanzaJson::repository).toList(),
                "db",
                report.repositories().stream()
                        .flatMap(repository -> databases(repository).stream())
                        .toList(),
                "archive",
                report.repositories().stream()
                        .flatMap(repository -> wal(repository).stream())
                        .toList(),
                "backup",
                report.entries().stream().map(entry -> backup(report, entry)).toList());
    }

    private static Map<String, Object> lock(StanzaReport.Lock lock) {
        Map<String, Object> fields = map("held", lock.held());
        putIfKnown(fields, "size", lock.size());
        putIfKnown(fields, "size-cplt", lock.sizeComplete());
        return fields;
    }

    private static Map<String, Object> repository(StanzaReport.RepositoryReport repository) {
        return map(
                "key",
                (long) repository.key(),
                "cipher",
                repository.cipher().text(),
                "status",
                map("code", (long) repository.status().code(), "message", repository.message()));
    }

    private static List<Map<String, Object>> databases(StanzaReport.RepositoryReport repository) {
        if (repository.backups() == null) {
            return List.of();
        }
        return repository.backups().databases().entries().stream()
                .map(
                        database ->
                                map(
                                        "id",
                                        (long) database.id(),
                                        "repo-key",
                                        (long) repository.key(),
                                        "system-id",
                                        Long.parseUnsignedLong(database.systemId()),
                                        "version",
                                        database.version()))
                .toList();
    }

    private static List<Map<String, Object>> wal(StanzaReport.RepositoryReport repository) {
        if (repository.backups() == null) {
            return List.of();
        }
        int current = repository.backups().databases().entries().getLast().id();
        return repository.wal().stream()
                .filter(range -> range.first() != null || range.databaseId() == current)
                .map(
                        range ->
                                map(
                                        "id",
                                        range.archiveId(),
                                        "min",
                                        text(range.first()),
                                        "max",
                                        text(range.last()),
                                        "database",
                                        database(range.databaseId(), repository)))
                .toList();
    }

    private static Map<String, Object> database(int id, StanzaReport.RepositoryReport repository) {
        return map("id", (long) id, "repo-key", (long) repository.key());
    }

    private static Map<String, Object> backup(StanzaReport report, StanzaReport.Entry entry) {
        BackupSummary backup = entry.backup();
        Map<String, Object> fields =
                map(
                        "label",
                        backup.label().text(),
                        "type",
                        backup.type().text(),
                        "prior",
                        text(backup.prior()),
                        "reference",
                        backup.reference().isEmpty()
                                ? null
                                : backup.reference().stream().map(BackupLabel::text).toList(),
                        "archive",
                        map(
                                "start",
                                text(backup.archiveStart()),
                                "stop",
                                text(backup.archiveStop())),
                        "backrest",
                        map(
                                "format",
                                (long) backup.backrestFormat(),
                                "version",
                                backup.backrestVersion()),
                        "database",
                        database(backup.databaseId(), entry.repository()),
                        "timestamp",
                        map(
                                "start",
                                backup.timestampStart().getEpochSecond(),
                                "stop",
                                backup.timestampStop().getEpochSecond()),
                        "info",
                        info(backup.sizes()));
        if (backup.lsnStart() != null && backup.lsnStop() != null) {
            fields.put(
                    "lsn", map("start", text(backup.lsnStart()), "stop", text(backup.lsnStop())));
        }
        putIfKnown(fields, "error", backup.error());
        if (!backup.annotation().isEmpty()) {
            fields.put("annotation", new TreeMap<>(backup.annotation()));
        }
        Manifest detail = entry.repository().detail();
        if (backup.label().equals(report.set()) && detail != null) {
            addDetail(fields, BackupDetail.of(detail));
        }
        return fields;
    }

    private static Map<String, Object> info(BackupSizes sizes) {
        Map<String, Object> repository = map("delta", sizes.repoSizeDelta());
        if (sizes.repoSizeMap() == null) {
            putIfKnown(repository, "size", sizes.repoSize());
        }
        putIfKnown(repository, "size-map", sizes.repoSizeMap());
        putIfKnown(repository, "delta-map", sizes.repoSizeMapDelta());
        return map("size", sizes.size(), "delta", sizes.sizeDelta(), "repository", repository);
    }

    private static void addDetail(Map<String, Object> fields, BackupDetail detail) {
        fields.put(
                "database-ref",
                detail.databases().stream()
                        .map(database -> map("name", database.name(), "oid", database.id()))
                        .toList());
        put(
                fields,
                "link",
                nullIfEmpty(
                        detail.links().stream()
                                .map(
                                        link ->
                                                map(
                                                        "name",
                                                        link.name(),
                                                        "destination",
                                                        link.destination()))
                                .toList()));
        put(
                fields,
                "tablespace",
                nullIfEmpty(
                        detail.tablespaces().stream()
                                .map(
                                        target ->
                                                map(
                                                        "name",
                                                        target.tablespaceName(),
                                                        "oid",
                                                        target.tablespaceId(),
                                                        "destination",
                                                        target.path()))
                                .toList()));
        if (!detail.damagedFiles().isEmpty()) {
            fields.put("error-list", detail.damagedFiles());
        }
    }

    private static @Nullable Object nullIfEmpty(List<?> list) {
        return list.isEmpty() ? null : list;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static void putIfKnown(Map<String, Object> fields, String key, @Nullable Object value) {
        if (value != null) {
            fields.put(key, value);
        }
    }

    @SuppressWarnings("NullAway") // JSON has nulls, the map's type says so nowhere else
    private static void put(Map<String, Object> fields, String key, @Nullable Object value) {
        fields.put(key, value);
    }

    /** Of keys and values in turn. */
    private static Map<String, Object> map(@Nullable Object... keysAndValues) {
        Map<String, Object> map = new TreeMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            put(map, String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
        }
        return map;
    }
}
