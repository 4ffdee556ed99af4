package io.pgnode.backup.core;

import io.pgnode.model.Lsn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The object that is a backup's line in {@code backup.info}. */
final class SummaryFields {
    private SummaryFields() {}

    static BackupSummary read(BackupLabel label, InfoFields line) throws FormatException {
        return new BackupSummary(
                label,
                line.parsed("backup-type", BackupType::parse),
                line.optionalParsed("backup-prior", BackupLabel::new),
                references(line),
                line.integer("backrest-format"),
                line.text("backrest-version"),
                line.texts("backup-annotation"),
                line.optionalParsed("backup-archive-start", WalSegment::parse),
                line.optionalParsed("backup-archive-stop", WalSegment::parse),
                line.optionalParsed("backup-lsn-start", Lsn::parse),
                line.optionalParsed("backup-lsn-stop", Lsn::parse),
                line.time("backup-timestamp-start"),
                line.time("backup-timestamp-stop"),
                line.optionalFlag("backup-error"),
                new BackupSizes(
                        line.size("backup-info-size"),
                        line.size("backup-info-size-delta"),
                        line.optionalSize("backup-info-repo-size"),
                        line.size("backup-info-repo-size-delta"),
                        line.optionalSize("backup-info-repo-size-map"),
                        line.optionalSize("backup-info-repo-size-map-delta")),
                line.integer("db-id"),
                new BackupSummary.Options(
                        line.flag("option-archive-check"),
                        line.flag("option-archive-copy"),
                        line.flag("option-backup-standby", false),
                        line.flag("option-checksum-page", false),
                        line.flag("option-compress"),
                        line.flag("option-hardlink"),
                        line.flag("option-online")));
    }

    private static List<BackupLabel> references(InfoFields line) throws FormatException {
        List<BackupLabel> references = new ArrayList<>();
        if (line.has("backup-reference")) {
            for (Object reference : line.list("backup-reference")) {
                references.add(
                        line.parsed(
                                "backup-reference", String.valueOf(reference), BackupLabel::new));
            }
        }
        return references;
    }

    /** In the order of the keys. */
    static Map<String, Object> write(BackupSummary backup) {
        Fields line = new Fields(new LinkedHashMap<>());
        line.put("backrest-format", backup.backrestFormat());
        line.put("backrest-version", backup.backrestVersion());
        line.put("backup-annotation", backup.annotation().isEmpty() ? null : backup.annotation());
        line.textOrNull("backup-archive-start", backup.archiveStart());
        line.textOrNull("backup-archive-stop", backup.archiveStop());
        line.put("backup-error", backup.error());
        line.put("backup-info-repo-size", backup.sizes().repoSize());
        line.put("backup-info-repo-size-delta", backup.sizes().repoSizeDelta());
        line.put("backup-info-repo-size-map", backup.sizes().repoSizeMap());
        line.put("backup-info-repo-size-map-delta", backup.sizes().repoSizeMapDelta());
        line.put("backup-info-size", backup.sizes().size());
        line.put("backup-info-size-delta", backup.sizes().sizeDelta());
        line.text("backup-lsn-start", backup.lsnStart());
        line.text("backup-lsn-stop", backup.lsnStop());
        line.text("backup-prior", backup.prior());
        line.put(
                "backup-reference",
                backup.reference().isEmpty()
                        ? null
                        : backup.reference().stream().map(BackupLabel::text).toList());
        line.put("backup-timestamp-start", backup.timestampStart().getEpochSecond());
        line.put("backup-timestamp-stop", backup.timestampStop().getEpochSecond());
        line.put("backup-type", backup.type().text());
        line.put("db-id", backup.databaseId());
        line.put("option-archive-check", backup.options().archiveCheck());
        line.put("option-archive-copy", backup.options().archiveCopy());
        line.put("option-backup-standby", backup.options().backupStandby());
        line.put("option-checksum-page", backup.options().checksumPage());
        line.put("option-compress", backup.options().compress());
        line.put("option-hardlink", backup.options().hardlink());
        line.put("option-online", backup.options().online());
        return line.entries;
    }

    /** Members; what is null stays away. */
    private record Fields(Map<String, Object> entries) {
        void put(String key, @Nullable Object value) {
            if (value != null) {
                entries.put(key, value);
            }
        }

        /** A backup that was made offline has the key, too. */
        @SuppressWarnings("NullAway") // a null of JSON, which the map's type does not say
        void textOrNull(String key, @Nullable Object value) {
            entries.put(key, value == null ? null : value.toString());
        }

        void text(String key, @Nullable Object value) {
            put(key, value == null ? null : value.toString());
        }
    }
}
