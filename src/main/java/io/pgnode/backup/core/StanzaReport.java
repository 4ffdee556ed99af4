package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code info} says of a stanza. {@link StanzaJson} and {@link StanzaText} print it as
 * pgBackRest 2.55 prints it, so that what reads its output can read ours.
 *
 * @param name of the stanza
 * @param repositories by key; at least one
 * @param set the one backup that is asked for in detail; null for all
 * @param type the type of backups that is asked for; null for all
 */
public record StanzaReport(
        String name,
        List<RepositoryReport> repositories,
        Lock lock,
        @Nullable BackupLabel set,
        @Nullable BackupType type) {
    /** What a program that reads it makes of the state. */
    public enum Status {
        OK(0, "ok"),
        MISSING_STANZA_PATH(1, "missing stanza path"),
        NO_BACKUP(2, "no valid backups"),
        MISSING_STANZA_DATA(3, "missing stanza data"),
        MIXED(4, "different across repos"),
        DATABASE_MISMATCH(5, "database mismatch across repos"),
        BACKUP_MISSING(6, "requested backup not found"),
        OTHER(99, "other");

        private final int code;
        private final String message;

        Status(int code, String message) {
            this.code = code;
            this.message = message;
        }

        public int code() {
            return code;
        }

        public String message() {
            return message;
        }
    }

    /**
     * Whether a backup or expire runs on this host.
     *
     * @param size bytes of the backup that runs; null when it does not say
     * @param sizeComplete bytes that are done; null when it does not say
     */
    public record Lock(boolean held, @Nullable Long size, @Nullable Long sizeComplete) {
        public static final Lock FREE = new Lock(false, null, null);
    }

    /**
     * WAL of one cluster.
     *
     * @param databaseId in the repository's history
     * @param archiveId its directory
     * @param first the first segment by name; null when there is none
     * @param last the last segment by name; null when there is none
     */
    public record WalRange(
            int databaseId,
            String archiveId,
            @Nullable WalSegment first,
            @Nullable WalSegment last) {}

    /**
     * What a repository has of the stanza.
     *
     * @param key 1 to 4
     * @param status of this repository alone; {@code OK} becomes {@code NO_BACKUP} by itself
     * @param problem what is wrong when the status is {@code OTHER}; may have several lines
     * @param backups null when it cannot be read
     * @param wal of each cluster in the history, oldest first
     * @param detail manifest of the backup that is asked for; null for none
     */
    public record RepositoryReport(
            int key,
            CipherType cipher,
            Status status,
            @Nullable String problem,
            @Nullable BackupInfo backups,
            List<WalRange> wal,
            @Nullable Manifest detail) {
        public RepositoryReport {
            wal = List.copyOf(wal);
            if (status == Status.OK && backups != null && backups.backups().isEmpty()) {
                status = Status.NO_BACKUP;
            }
        }

        /** What a status means, in words. */
        public String message() {
            return problem != null && status == Status.OTHER ? problem : status.message();
        }
    }

    /** A backup and where it is. */
    record Entry(RepositoryReport repository, BackupSummary backup) {}

    public StanzaReport {
        repositories =
                repositories.stream()
                        .sorted(Comparator.comparingInt(RepositoryReport::key))
                        .toList();
        if (repositories.isEmpty()) {
            throw new IllegalArgumentException("a stanza without repositories cannot be reported");
        }
    }

    /** Of all repositories together. */
    public Status status() {
        if (databasesDiffer()) {
            return Status.DATABASE_MISMATCH;
        }
        Status first = repositories.getFirst().status();
        return repositories.stream().allMatch(repository -> repository.status() == first)
                ? first
                : Status.MIXED;
    }

    private boolean databasesDiffer() {
        Optional<DatabaseVersion> current = current();
        return repositories.stream()
                .map(RepositoryReport::backups)
                .filter(java.util.Objects::nonNull)
                .map(backups -> backups.databases().current())
                .anyMatch(
                        database ->
                                current.isPresent()
                                        && !database.is(
                                                current.get().systemId(), current.get().version()));
    }

    /** The cluster that the first repository that can be read says is the current one. */
    Optional<DatabaseVersion> current() {
        return repositories.stream()
                .map(RepositoryReport::backups)
                .filter(java.util.Objects::nonNull)
                .map(backups -> backups.databases().current())
                .findFirst();
    }

    /** The cipher of all repositories; empty when they differ. */
    Optional<CipherType> cipher() {
        CipherType first = repositories.getFirst().cipher();
        return repositories.stream().allMatch(repository -> repository.cipher() == first)
                ? Optional.of(first)
                : Optional.empty();
    }

    /** Backups that are asked for, of all repositories, by the time of their end. */
    List<Entry> entries() {
        List<Entry> all = new ArrayList<>();
        int[] next = new int[repositories.size()];
        while (true) {
            int best = -1;
            for (int i = 0; i < next.length; i++) {
                if (next[i] < backupsOf(i).size()
                        && (best < 0
                                || backupsOf(i)
                                        .get(next[i])
                                        .timestampStop()
                                        .isBefore(
                                                backupsOf(best).get(next[best]).timestampStop()))) {
                    best = i;
                }
            }
            if (best < 0) {
                return all;
            }
            BackupSummary backup = backupsOf(best).get(next[best]);
            next[best]++;
            if (isAskedFor(backup)) {
                all.add(new Entry(repositories.get(best), backup));
            }
        }
    }

    private List<BackupSummary> backupsOf(int repository) {
        BackupInfo backups = repositories.get(repository).backups();
        return backups == null ? List.of() : backups.backups();
    }

    private boolean isAskedFor(BackupSummary backup) {
        return (set == null || set.equals(backup.label()))
                && (type == null || type == backup.type());
    }

    /** As {@code pgbackrest info --output=json}, without a line end. */
    public static String json(List<StanzaReport> stanzas) {
        return StanzaJson.render(stanzas);
    }

    /**
     * As {@code pgbackrest info}.
     *
     * @param zone of the times
     */
    public static String text(List<StanzaReport> stanzas, java.time.ZoneId zone) {
        return new StanzaText(zone).render(stanzas);
    }
}
