package io.pgnode.backup.core;

import io.pgnode.backup.core.RetentionPolicy.FullType;
import io.pgnode.model.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Made-up histories of backups, one backup a day. */
public final class Histories {
    /** The day before the first backup. */
    private final Instant start;

    private static final int WAL = 16 << 20;

    /** One cluster, the current one. */
    static final DatabaseHistory ONE =
            new DatabaseHistory(1, List.of(new DatabaseVersion(1, "15", "7000", 0, 0)));

    public Histories(Instant start) {
        this.start = start;
    }

    /**
     * Backups one a day, as {@code F1 D1 I1 F2}: a differential one depends on the full, an
     * incremental one on the last. Each has two segments of WAL.
     */
    public BackupInfo info(String names) {
        List<BackupSummary> backups = new ArrayList<>();
        List<BackupSummary> chain = new ArrayList<>();
        int day = 0;
        for (String name : names.split(" ", -1)) {
            day++;
            switch (name.charAt(0)) {
                case 'F' -> chain.clear();
                case 'D' -> chain.subList(1, chain.size()).clear();
                default -> {}
            }
            BackupSummary backup =
                    backup(name, day, chain, 1, segment(day), segment(day).next(WAL));
            chain.add(backup);
            backups.add(backup);
        }
        return new BackupInfo(ONE, backups, null);
    }

    /** The first segment of such a day's backup. */
    static WalSegment segment(int day) {
        return new WalSegment(1, 0, day * 10);
    }

    /**
     * @param wildTimelines whether timelines go back, too
     */
    public BackupInfo info(Random random, boolean wildTimelines) {
        List<BackupSummary> backups = new ArrayList<>();
        List<BackupSummary> chain = new ArrayList<>();
        int databases = 1 + random.nextInt(2);
        int database = 1;
        int count = 1 + random.nextInt(25);
        for (int i = 1; i <= count; i++) {
            if (database < databases && random.nextInt(8) == 0) {
                database++;
                chain.clear();
            }
            int type = chain.isEmpty() ? 0 : random.nextInt(4);
            if (type == 0) {
                chain.clear();
            } else if (type == 1) {
                chain.subList(1, chain.size()).clear();
            }
            BackupSummary backup =
                    randomBackup(
                            random,
                            wildTimelines,
                            (type == 0 ? "F" : type == 1 ? "D" : "I") + i,
                            i,
                            List.copyOf(chain),
                            database);
            chain.add(backup);
            backups.add(backup);
        }
        List<DatabaseVersion> versions = new ArrayList<>();
        versions.add(new DatabaseVersion(1, "14", "7000", 0, 0));
        if (databases == 2) {
            versions.add(new DatabaseVersion(2, "15", "8000", 0, 0));
        }
        return new BackupInfo(new DatabaseHistory(databases, versions), backups, null);
    }

    private BackupSummary randomBackup(
            Random random,
            boolean wildTimelines,
            String name,
            int day,
            List<BackupSummary> chain,
            int database) {
        int timeline = wildTimelines ? 1 + random.nextInt(3) : 1 + day / 7;
        WalSegment start = new WalSegment(timeline, day / 5, (day % 5) * 40 + random.nextInt(20));
        WalSegment stop = start;
        for (int i = random.nextInt(8); i > 0; i--) {
            stop = stop.next(WAL);
        }
        boolean offline = random.nextInt(20) == 0;
        return backup(name, day, chain, database, offline ? null : start, offline ? null : stop);
    }

    public static RetentionPolicy policy(Random random) {
        return new RetentionPolicy(
                random.nextInt(4) == 0 ? null : 1 + random.nextInt(5),
                random.nextBoolean() ? FullType.COUNT : FullType.TIME,
                random.nextBoolean() ? null : 1 + random.nextInt(5),
                random.nextBoolean() ? null : 1 + random.nextInt(6),
                BackupType.values()[random.nextInt(3)],
                null);
    }

    public BackupSummary backup(
            String name,
            int day,
            List<BackupSummary> chain,
            int database,
            @Nullable WalSegment start,
            @Nullable WalSegment stop) {
        Instant time = this.start.plus(Duration.ofDays(day));
        BackupType type =
                switch (name.charAt(0)) {
                    case 'F' -> BackupType.FULL;
                    case 'D' -> BackupType.DIFF;
                    default -> BackupType.INCR;
                };
        return new BackupSummary(
                BackupLabel.of(
                        type,
                        chain.isEmpty() ? null : chain.getFirst().label(),
                        time,
                        ZoneOffset.UTC),
                type,
                chain.isEmpty() ? null : chain.getLast().label(),
                chain.stream().map(BackupSummary::label).toList(),
                5,
                "2.55.1",
                Map.of(),
                start,
                stop,
                start == null ? null : new Lsn(0),
                start == null ? null : new Lsn(0),
                time,
                time.plusSeconds(60),
                false,
                new BackupSizes(1, 1, 1L, 1, null, null),
                database,
                new BackupSummary.Options(true, false, false, true, true, false, true));
    }
}
