package io.pgnode.backup.core;

import static java.util.stream.Collectors.joining;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports of stanzas as text for people. */
final class StanzaText {
    private static final String RUNNING = "backup/expire running";
    private static final String[] UNITS = {"KB", "MB", "GB", "TB", "PB"};

    private final DateTimeFormatter time;

    StanzaText(ZoneId zone) {
        this.time = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ssx", Locale.ROOT).withZone(zone);
    }

    String render(List<StanzaReport> stanzas) {
        return stanzas.isEmpty()
                ? "No stanzas exist in the repository.\n"
                : stanzas.stream().map(this::stanza).collect(joining("\n"));
    }

    private String stanza(StanzaReport report) {
        StringBuilder out = new StringBuilder("stanza: ").append(report.name()).append('\n');
        out.append("    status: ").append(status(report));
        if (report.status() != StanzaReport.Status.MISSING_STANZA_PATH) {
            out.append("    cipher: ")
                    .append(report.cipher().map(CipherType::text).orElse("mixed"))
                    .append('\n');
            if (report.cipher().isEmpty()) {
                for (StanzaReport.RepositoryReport repository : report.repositories()) {
                    out.append("        repo")
                            .append(repository.key())
                            .append(": ")
                            .append(repository.cipher().text())
                            .append('\n');
                }
            }
        }
        for (Group group : groups(report)) {
            group(report, group, out);
        }
        return out.toString();
    }

    private static String status(StanzaReport report) {
        String running = running(report.lock());
        return switch (report.status()) {
            case OK -> "ok" + (running == null ? "" : " (" + running + ")") + "\n";
            case MIXED, DATABASE_MISMATCH, OTHER ->
                    (report.status() == StanzaReport.Status.MIXED
                                    ? "mixed"
                                    : "error (" + report.status().message() + ")")
                            + (running == null ? "" : " (" + running + ")")
                            + "\n"
                            + report.repositories().stream()
                                    .map(
                                            repository ->
                                                    repository(
                                                            repository,
                                                            report.repositories().size() > 1))
                                    .collect(joining());
            case MISSING_STANZA_PATH, NO_BACKUP, MISSING_STANZA_DATA, BACKUP_MISSING ->
                    "error ("
                            + report.status().message()
                            + (running == null ? "" : ", " + running)
                            + ")\n";
        };
    }

    private static @Nullable String running(StanzaReport.Lock lock) {
        if (!lock.held()) {
            return null;
        }
        Long size = lock.size();
        Long complete = lock.sizeComplete();
        if (size == null || complete == null || size == 0) {
            return RUNNING;
        }
        BigDecimal percent =
                BigDecimal.valueOf(complete)
                        .multiply(BigDecimal.valueOf(100))
                        .divide(BigDecimal.valueOf(size), 2, RoundingMode.DOWN);
        return RUNNING + " - " + percent + "% complete";
    }

    private static String repository(StanzaReport.RepositoryReport repository, boolean several) {
        String indent = several ? "               " : "            ";
        String name = several ? "        repo" + repository.key() + ": " : "";
        return switch (repository.status()) {
            case OK -> name + "ok\n";
            case OTHER ->
                    name
                            + (several ? "error (other)\n" : "")
                            + repository
                                    .message()
                                    .lines()
                                    .map(line -> indent + line + "\n")
                                    .collect(joining());
            default -> name + "error (" + repository.message() + ")\n";
        };
    }

    /** Backups and WAL of one cluster, in all repositories. */
    private static final class Group {
        private final DatabaseVersion database;
        private final List<StanzaReport.Entry> backups = new ArrayList<>();
        private @Nullable WalSegment first;
        private @Nullable WalSegment last;

        Group(DatabaseVersion database) {
            this.database = database;
        }

        boolean is(DatabaseVersion other) {
            return database.is(other.systemId(), other.version());
        }

        void extend(StanzaReport.WalRange range) {
            WalSegment lower = range.first();
            WalSegment upper = range.last();
            if (lower != null && (first == null || lower.compareTo(first) < 0)) {
                first = lower;
            }
            if (upper != null && (last == null || upper.compareTo(last) > 0)) {
                last = upper;
            }
        }
    }

    /** Former clusters that have something, the current one at the end. */
    private static List<Group> groups(StanzaReport report) {
        List<Group> groups = new ArrayList<>();
        for (StanzaReport.RepositoryReport repository : report.repositories()) {
            if (repository.backups() == null) {
                continue;
            }
            for (DatabaseVersion database : repository.backups().databases().entries()) {
                Group group = find(groups, database);
                repository.wal().stream()
                        .filter(range -> range.databaseId() == database.id())
                        .forEach(group::extend);
            }
        }
        for (StanzaReport.Entry entry : report.entries()) {
            BackupInfo backups = entry.repository().backups();
            if (backups != null) {
                backups.databases()
                        .find(entry.backup().databaseId())
                        .ifPresent(database -> find(groups, database).backups.add(entry));
            }
        }
        List<Group> former = new ArrayList<>();
        List<Group> current = new ArrayList<>();
        for (Group group : groups) {
            if (report.set() != null && group.backups.isEmpty()) {
                continue;
            }
            if (report.current().filter(group::is).isPresent()) {
                current.add(group);
            } else if (group.first != null || !group.backups.isEmpty()) {
                former.add(group);
            }
        }
        former.addAll(current);
        return former;
    }

    private static Group find(List<Group> groups, DatabaseVersion database) {
        for (Group group : groups) {
            if (group.is(database)) {
                return group;
            }
        }
        Group group = new Group(database);
        groups.add(group);
        return group;
    }

    private void group(StanzaReport report, Group group, StringBuilder out) {
        out.append("\n    db (")
                .append(report.current().filter(group::is).isPresent() ? "current" : "prior")
                .append(")\n        wal archive min/max (")
                .append(group.database.version())
                .append("): ")
                .append(group.first == null ? "none present" : group.first + "/" + group.last)
                .append('\n');
        for (StanzaReport.Entry entry : group.backups) {
            backup(report, entry, out);
        }
    }

    private void backup(StanzaReport report, StanzaReport.Entry entry, StringBuilder out) {
        BackupSummary backup = entry.backup();
        boolean detailed = backup.label().equals(report.set());
        out.append("\n        ")
                .append(backup.type().text())
                .append(" backup: ")
                .append(backup.label())
                .append('\n');
        line(
                out,
                "timestamp start/stop: "
                        + time(backup.timestampStart())
                        + " / "
                        + time(backup.timestampStop()));
        line(out, "wal start/stop: " + span(backup.archiveStart(), backup.archiveStop()));
        if (detailed && backup.lsnStart() != null && backup.lsnStop() != null) {
            line(out, "lsn start/stop: " + span(backup.lsnStart(), backup.lsnStop()));
        }
        sizes(entry, out);
        references(backup, detailed, out);
        Manifest detail = entry.repository().detail();
        if (detailed && detail != null) {
            detail(BackupDetail.of(detail), out);
        }
        if (Boolean.TRUE.equals(backup.error()) && !detailed) {
            line(out, "error(s) detected during backup");
        }
        if (detailed && !backup.annotation().isEmpty()) {
            line(out, "annotation(s)");
            backup.annotation().forEach((key, value) -> line(out, "    " + key + ": " + value));
        }
    }

    private static void sizes(StanzaReport.Entry entry, StringBuilder out) {
        BackupSizes sizes = entry.backup().sizes();
        line(
                out,
                "database size: "
                        + size(sizes.size())
                        + ", database backup size: "
                        + size(sizes.sizeDelta()));
        Long set = sizes.repoSize();
        line(
                out,
                "repo"
                        + entry.repository().key()
                        + ": "
                        + (set == null || sizes.repoSizeMap() != null
                                ? ""
                                : "backup set size: " + size(set) + ", ")
                        + "backup size: "
                        + size(sizes.repoSizeDelta()));
    }

    private static void references(BackupSummary backup, boolean detailed, StringBuilder out) {
        if (backup.reference().isEmpty()) {
            return;
        }
        if (detailed) {
            line(
                    out,
                    "backup reference list: "
                            + backup.reference().stream()
                                    .map(BackupLabel::text)
                                    .collect(joining(", ")));
            return;
        }
        Map<BackupType, Integer> counts = new EnumMap<>(BackupType.class);
        backup.reference().forEach(label -> counts.merge(label.type(), 1, Integer::sum));
        line(
                out,
                "backup reference total: "
                        + counts.entrySet().stream()
                                .map(count -> count.getValue() + " " + count.getKey().text())
                                .collect(joining(", ")));
    }

    private static void detail(BackupDetail detail, StringBuilder out) {
        line(
                out,
                "database list: "
                        + (detail.databases().isEmpty()
                                ? "none"
                                : detail.databases().stream()
                                        .map(
                                                database ->
                                                        database.name()
                                                                + " ("
                                                                + database.id()
                                                                + ")")
                                        .collect(joining(", "))));
        if (!detail.links().isEmpty()) {
            line(out, "symlinks:");
            for (BackupDetail.Link link : detail.links()) {
                line(out, "    " + link.name() + " => " + link.destination());
            }
        }
        if (!detail.tablespaces().isEmpty()) {
            line(out, "tablespaces:");
            for (ManifestTarget target : detail.tablespaces()) {
                line(
                        out,
                        "    "
                                + target.tablespaceName()
                                + " ("
                                + target.tablespaceId()
                                + ") => "
                                + target.path());
            }
        }
        if (!detail.damagedFiles().isEmpty()) {
            line(out, "error list: " + String.join(", ", detail.damagedFiles()));
        }
    }

    private static void line(StringBuilder out, String text) {
        out.append("            ").append(text).append('\n');
    }

    private static String span(@Nullable Object start, @Nullable Object stop) {
        return start == null || stop == null ? "n/a" : start + " / " + stop;
    }

    private String time(Instant at) {
        return time.format(at);
    }

    /** One digit after the point, none when it is zero; units of 1024. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        int unit = 0;
        double value = bytes / 1024.0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        boolean whole = (long) (value * 10) % 10 == 0;
        return (whole
                        ? String.valueOf((long) value)
                        : new BigDecimal(value).setScale(1, RoundingMode.HALF_EVEN).toString())
                + UNITS[unit];
    }
}
