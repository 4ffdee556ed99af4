package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code backup.info}: which backups a stanza has.
 *
 * @param databases with catalog and control versions
 * @param backups by label
 * @param cipherPass what the manifests are encrypted with; null without encryption
 */
public record BackupInfo(
        DatabaseHistory databases, List<BackupSummary> backups, @Nullable String cipherPass) {
    /** What the file is called. */
    public static final String FILE = "backup.info";

    public BackupInfo {
        backups = backups.stream().sorted(Comparator.comparing(BackupSummary::label)).toList();
    }

    /**
     * @throws FormatException when it is damaged or not such a file
     */
    public static BackupInfo parse(byte[] file) throws FormatException {
        InfoSections sections = InfoSections.read(FILE, file);
        List<BackupSummary> backups = new ArrayList<>();
        InfoFields current = sections.section("backup:current");
        for (String label : current.entries().keySet()) {
            backups.add(
                    SummaryFields.read(
                            current.parsed(label, label, BackupLabel::new),
                            InfoFields.of(
                                    FILE,
                                    "[backup:current] " + label,
                                    current.entries().get(label))));
        }
        return new BackupInfo(
                HistorySections.read(sections, "db-system-id", true),
                backups,
                sections.cipherPass());
    }

    /** The file, byte for byte as pgBackRest writes it. */
    public byte[] render() {
        InfoWriter out = new InfoWriter(InfoWriter.VERSION, 1024 * (backups.size() + 1));
        Map<String, Object> lines = new LinkedHashMap<>();
        for (BackupSummary backup : backups) {
            lines.put(backup.label().text(), SummaryFields.write(backup));
        }
        out.section("backup:current", lines);
        if (cipherPass != null) {
            out.section("cipher").entry("cipher-pass", cipherPass);
        }
        HistorySections.write(databases, "db-system-id", true, out);
        return out.end();
    }

    /** The line of a backup. */
    public Optional<BackupSummary> find(BackupLabel label) {
        return backups.stream().filter(backup -> backup.label().equals(label)).findFirst();
    }

    /** With a line more, or one replaced. */
    public BackupInfo with(BackupSummary summary) {
        List<BackupSummary> changed = new ArrayList<>(without(summary.label()).backups);
        changed.add(summary);
        return new BackupInfo(databases, changed, cipherPass);
    }

    /** Without a line. */
    public BackupInfo without(BackupLabel label) {
        return new BackupInfo(
                databases,
                backups.stream().filter(backup -> !backup.label().equals(label)).toList(),
                cipherPass);
    }

    /** With another history, after an upgrade. */
    public BackupInfo with(DatabaseHistory history) {
        return new BackupInfo(history, backups, cipherPass);
    }

    /** Without the pass. */
    @Override
    public String toString() {
        return "BackupInfo[" + databases + ", " + backups + "]";
    }
}
