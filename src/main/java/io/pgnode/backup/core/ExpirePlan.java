package io.pgnode.backup.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which backups and which WAL a repository keeps: what pgBackRest would keep, never less.
 *
 * @param decisions one for each backup, by label
 * @param wal what is kept of each cluster's WAL, by archive id ({@code 15-1})
 * @param notes what an operator should know, too
 */
public record ExpirePlan(
        List<Decision> decisions, Map<String, WalRetention> wal, List<String> notes) {
    /** A clock this far behind the newest backup is wrong, or was when the backup was made. */
    private static final Duration MAX_BACKWARDS = Duration.ofDays(1);

    /**
     * What becomes of a backup.
     *
     * @param reason for an operator
     */
    public record Decision(BackupSummary backup, boolean removed, String reason) {
        public BackupLabel label() {
            return backup.label();
        }
    }

    public ExpirePlan {
        decisions = List.copyOf(decisions);
        wal = java.util.Collections.unmodifiableMap(new TreeMap<>(wal));
        notes = List.copyOf(notes);
    }

    /**
     * @param backups of the repository
     * @param archives whose WAL the repository has
     * @throws BackupException {@code BACKUP_SET_INVALID} when what is asked for would leave no full
     *     backup, {@code CLOCK} when the clock is more than a day behind the newest backup, {@code
     *     FORMAT} when the info files contradict each other
     */
    public static ExpirePlan of(
            BackupInfo backups,
            DatabaseHistory archives,
            RetentionPolicy policy,
            ExpireRequest request)
            throws BackupException {
        return new Planner(backups, archives, policy, request).plan();
    }

    /** What is removed, newest first: what remains when it stops half way can be restored. */
    public List<Decision> removals() {
        return decisions.stream()
                .filter(Decision::removed)
                .sorted(Comparator.comparing(Decision::label).reversed())
                .toList();
    }

    public List<Decision> kept() {
        return decisions.stream().filter(decision -> !decision.removed()).toList();
    }

    /** Puts a plan together. */
    private static final class Planner {
        private final BackupInfo info;
        private final DatabaseHistory archives;
        private final RetentionPolicy policy;
        private final ExpireRequest request;

        /** Those that nothing has removed yet, by label. */
        private final Map<BackupLabel, BackupSummary> remaining = new TreeMap<>();

        private final Map<BackupLabel, String> removed = new LinkedHashMap<>();
        private final List<String> notes = new ArrayList<>();

        /** Backups whose WAL is kept; null for the WAL of all. */
        private @Nullable Integer archive;

        private String whyNoArchive = "retention.archive is not set";

        Planner(
                BackupInfo info,
                DatabaseHistory archives,
                RetentionPolicy policy,
                ExpireRequest request) {
            this.info = info;
            this.archives = archives;
            this.policy = policy;
            this.request = request;
            this.archive = defaultArchive(policy);
            info.backups().forEach(backup -> remaining.put(backup.label(), backup));
        }

        ExpirePlan plan() throws BackupException {
            checkClock();
            if (request.isByHand()) {
                byHand();
            } else {
                expireFull();
                expireDiff();
            }
            List<Decision> decisions = new ArrayList<>();
            for (BackupSummary backup : info.backups()) {
                String why = removed.get(backup.label());
                decisions.add(
                        new Decision(backup, why != null, why == null ? whyKept(backup) : why));
            }
            return new ExpirePlan(decisions, wal(), notes);
        }

        private void checkClock() throws BackupException {
            for (BackupSummary backup : info.backups()) {
                if (backup.timestampStop().isAfter(request.now().plus(MAX_BACKWARDS))) {
                    throw new BackupException(
                            BackrestExit.CLOCK,
                            "the clock says "
                                    + request.now()
                                    + ", more than a day before the end of backup "
                                    + backup.label()
                                    + " at "
                                    + backup.timestampStop(),
                            "correct the clock; nothing expires until then");
                }
            }
        }

        private void byHand() throws BackupException {
            BackupLabel set = request.set();
            if (request.oldest()) {
                List<BackupLabel> fulls = labels(remaining.values(), BackupType.FULL);
                if (fulls.isEmpty()) {
                    notes.add("there is no full backup");
                    return;
                }
                set = fulls.getFirst();
            }
            if (set == null || !remaining.containsKey(set)) {
                notes.add("there is no backup " + set);
                return;
            }
            checkNotTheLastFull(set);
            BackupLabel latest = List.copyOf(remaining.keySet()).getLast();
            remove(set, request.oldest() ? "asked for: the oldest full backup" : "asked for");
            if (!remaining.containsKey(latest)) {
                notes.add(
                        "the newest backup "
                                + latest
                                + " goes: where WAL was expired already, older backups cannot be"
                                + " rolled forward beyond their own end");
            }
        }

        /** The newest full backup goes only when another one of the same cluster is there. */
        private void checkNotTheLastFull(BackupLabel set) throws BackupException {
            List<BackupLabel> fulls = labels(remaining.values(), BackupType.FULL);
            if (!fulls.getLast().equals(set)) {
                return;
            }
            BackupLabel before = fulls.size() == 1 ? null : fulls.get(fulls.size() - 2);
            if (before == null || databaseOf(before) != databaseOf(set)) {
                throw new BackupException(
                        BackrestExit.BACKUP_SET_INVALID,
                        "full backup "
                                + set
                                + " cannot expire: it is the last one of its cluster in the"
                                + " repository",
                        "make another full backup first");
            }
        }

        private int databaseOf(BackupLabel label) {
            return info.find(label).orElseThrow().databaseId();
        }

        private void expireFull() {
            Integer full = policy.full();
            if (full == null) {
                return;
            }
            List<BackupLabel> fulls = labels(remaining.values(), BackupType.FULL);
            switch (policy.fullType()) {
                case COUNT -> {
                    for (BackupLabel label : oldest(fulls, fulls.size() - full)) {
                        remove(
                                label,
                                "beyond the newest "
                                        + full
                                        + " full backups that retention.full keeps");
                    }
                }
                case TIME -> expireByTime(fulls, full);
            }
        }

        private void expireByTime(List<BackupLabel> fulls, int days) {
            Instant since = request.now().minus(Duration.ofDays(days));
            BackupLabel last = null;
            for (BackupLabel label : fulls.reversed()) {
                last = label;
                BackupSummary backup = remaining.get(label);
                if (backup != null && backup.timestampStop().isBefore(since)) {
                    break;
                }
            }
            int expired = last == null ? 0 : fulls.indexOf(last);
            for (BackupLabel label : oldest(fulls, expired)) {
                remove(
                        label,
                        "older than "
                                + last
                                + ", from which each moment of the last "
                                + days
                                + " days can be reached (retention.full)");
            }
            if (policy.archive() == null && policy.archiveType() == BackupType.FULL) {
                whyNoArchive = "no full backup is older than retention.full";
                if (expired > 0) {
                    archive = fulls.size() - expired;
                }
            }
        }

        private void expireDiff() {
            Integer diff = policy.diff();
            if (diff == null) {
                return;
            }
            List<BackupLabel> counted = labels(remaining.values(), BackupType.DIFF);
            for (BackupLabel label : oldest(counted, counted.size() - diff)) {
                if (label.type() == BackupType.DIFF) {
                    remove(
                            label,
                            "beyond the newest "
                                    + diff
                                    + " full and differential backups that retention.diff keeps");
                }
            }
        }

        /** With all that depend on it. */
        private void remove(BackupLabel label, String reason) {
            if (remaining.remove(label) == null) {
                return;
            }
            removed.put(label, reason);
            Set<BackupLabel> gone = new HashSet<>(Set.of(label));
            for (BackupSummary backup : List.copyOf(remaining.values())) {
                if (dependsOnAny(backup, gone)) {
                    gone.add(backup.label());
                    remaining.remove(backup.label());
                    removed.put(backup.label(), "depends on " + label);
                }
            }
        }

        private static boolean dependsOnAny(BackupSummary backup, Set<BackupLabel> gone) {
            return (backup.prior() != null && gone.contains(backup.prior()))
                    || backup.reference().stream().anyMatch(gone::contains);
        }

        private String whyKept(BackupSummary backup) {
            if (request.isByHand()) {
                return "not asked for";
            }
            if (policy.full() == null
                    && (backup.type() != BackupType.DIFF || policy.diff() == null)) {
                return "retention.full is not set";
            }
            return switch (backup.type()) {
                case FULL ->
                        switch (policy.fullType()) {
                            case COUNT -> "one of the newest " + policy.full() + " full backups";
                            case TIME ->
                                    "needed to reach each moment of the last "
                                            + policy.full()
                                            + " days";
                        };
                case DIFF ->
                        policy.diff() == null
                                ? "its full backup is kept"
                                : "one of the newest "
                                        + policy.diff()
                                        + " full and differential backups";
                case INCR -> "what it depends on is kept";
            };
        }

        private Map<String, WalRetention> wal() throws BackupException {
            Map<String, WalRetention> wal = new TreeMap<>();
            String keepAll = whyAllWalIsKept();
            if (keepAll == null) {
                checkHistories();
            }
            for (DatabaseVersion database : archives.entries()) {
                wal.put(
                        database.archiveId(),
                        keepAll == null ? walOf(database) : new WalRetention.KeepAll(keepAll));
            }
            return wal;
        }

        private @Nullable String whyAllWalIsKept() {
            if (archive == null) {
                return whyNoArchive;
            }
            int counted = counted().size();
            return counted == 0 || archive > counted
                    ? "there are "
                            + counted
                            + " backups of "
                            + archive
                            + " whose WAL retention.archive keeps"
                    : null;
        }

        private void checkHistories() throws BackupException {
            for (DatabaseVersion database : archives.entries()) {
                boolean same =
                        info.databases()
                                .find(database.id())
                                .filter(of -> of.is(database.systemId(), database.version()))
                                .isPresent();
                if (!same) {
                    throw new BackupException(
                            BackrestExit.FORMAT,
                            "archive.info and backup.info do not have the same cluster with id "
                                    + database.id(),
                            "no WAL expires until both agree");
                }
            }
        }

        /** Backups that retention.archive counts, by label. */
        private List<BackupLabel> counted() {
            return labels(remaining.values(), policy.archiveType());
        }

        private WalRetention walOf(DatabaseVersion database) {
            List<BackupLabel> counted = counted();
            List<BackupLabel> ofDatabase =
                    counted.stream().filter(label -> databaseOf(label) == database.id()).toList();
            if (ofDatabase.isEmpty()) {
                return database.id() == archives.currentId()
                        ? new WalRetention.KeepAll("the current cluster has no backup yet")
                        : new WalRetention.RemoveAll("no backup of this former cluster is left");
            }
            int keep = archive == null ? counted.size() : Math.min(archive, counted.size());
            Set<BackupLabel> rolling =
                    new HashSet<>(counted.subList(counted.size() - keep, counted.size()));
            BackupLabel first =
                    ofDatabase.stream()
                            .filter(rolling::contains)
                            .findFirst()
                            .orElse(ofDatabase.getLast());
            return from(first, database);
        }

        private WalRetention from(BackupLabel first, DatabaseVersion database) {
            WalSegment from = info.find(first).orElseThrow().archiveStart();
            if (from == null) {
                return new WalRetention.KeepAll("backup " + first + " was made offline");
            }
            List<WalRetention.Range> older = new ArrayList<>();
            for (BackupSummary backup : remaining.values()) {
                WalSegment start = backup.archiveStart();
                if (backup.databaseId() != database.id() || start == null) {
                    continue;
                }
                if (backup.label().compareTo(first) >= 0) {
                    from = start.compareTo(from) < 0 ? start : from;
                } else if (backup.archiveStop() == null) {
                    return new WalRetention.KeepAll(
                            "backup " + backup.label() + " does not say where its WAL ends");
                } else {
                    older.add(new WalRetention.Range(start, backup.archiveStop()));
                }
            }
            return new WalRetention.From(
                    from,
                    older,
                    "backup "
                            + first
                            + " is the oldest whose WAL is kept without gaps; of older ones, what"
                            + " makes them consistent");
        }

        /** Labels of these backups and of the types that are counted with it, by label. */
        private static List<BackupLabel> labels(
                java.util.Collection<BackupSummary> backups, BackupType type) {
            return backups.stream()
                    .map(BackupSummary::label)
                    .filter(label -> label.type().compareTo(type) <= 0)
                    .toList();
        }

        private static List<BackupLabel> oldest(List<BackupLabel> labels, int count) {
            return labels.subList(0, Math.max(0, count));
        }

        private static @Nullable Integer defaultArchive(RetentionPolicy policy) {
            if (policy.archive() != null) {
                return policy.archive();
            }
            return switch (policy.archiveType()) {
                case FULL ->
                        policy.fullType() == RetentionPolicy.FullType.COUNT ? policy.full() : null;
                case DIFF -> policy.diff();
                case INCR -> null;
            };
        }
    }
}
