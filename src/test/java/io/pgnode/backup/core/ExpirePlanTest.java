package io.pgnode.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.core.RetentionPolicy.FullType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExpirePlanTest {
    private static final Instant DAY_ONE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = DAY_ONE.plus(Duration.ofDays(10));
    private static final Histories HISTORIES = new Histories(DAY_ONE);
    private static final DatabaseHistory ONE = Histories.ONE;

    @Test
    void keepsTheNewestFullBackupsWithWhatDependsOnThem() throws Exception {
        BackupInfo info = info("F1 D1 I1 F2 D2 F3");

        ExpirePlan plan = plan(info, RetentionPolicy.ofFull(2));

        assertThat(removed(plan)).containsExactly(3, 2, 1);
        assertThat(plan.removals().getLast().reason())
                .isEqualTo("beyond the newest 2 full backups that retention.full keeps");
        assertThat(plan.removals().getFirst().reason()).startsWith("depends on 20260102");
    }

    @Test
    void fullBackupsCountAsDifferentialOnes() throws Exception {
        assertThat(removed(plan(info("F1 D1 I1 D2 F2 D3"), policy(null, 3, null))))
                .containsExactly(3, 2);
    }

    @Test
    void byTimeKeepsOneFullBackupThatIsOlder() throws Exception {
        RetentionPolicy policy =
                new RetentionPolicy(6, FullType.TIME, null, null, BackupType.FULL, null);

        ExpirePlan plan = plan(info("F1 F2 F3 F4 F5"), policy);

        assertThat(removed(plan)).containsExactly(2, 1);
        assertThat(wal(plan)).isInstanceOf(WalRetention.From.class);
        assertThat(wal(plan).keeps(segment(3).text())).isTrue();
        assertThat(wal(plan).keeps(segment(1).text())).isFalse();
    }

    @Test
    void byTimeKeepsAllWalWhileNothingIsOldEnough() throws Exception {
        RetentionPolicy policy =
                new RetentionPolicy(30, FullType.TIME, null, null, BackupType.FULL, null);

        ExpirePlan plan = plan(info("F1 F2"), policy);

        assertThat(removed(plan)).isEmpty();
        assertThat(wal(plan)).isInstanceOf(WalRetention.KeepAll.class);
    }

    @Test
    void olderBackupsKeepWhatMakesThemConsistent() throws Exception {
        ExpirePlan plan = plan(info("F1 F2 F3"), policy(3, null, 1));

        assertThat(removed(plan)).isEmpty();
        assertThat(wal(plan).keeps(segment(1).text())).isTrue();
        assertThat(wal(plan).keeps(segment(1).next(WAL).text())).isTrue();
        assertThat(wal(plan).keeps(segment(1).next(WAL).next(WAL).text())).isFalse();
        assertThat(wal(plan).keeps(segment(3).text())).isTrue();
        assertThat(wal(plan).keeps("0000000200000000000000FF")).isTrue();
    }

    @Test
    void refusesTheLastFullBackup() throws Exception {
        BackupInfo info = info("F1 D1 F2");
        BackupLabel last = info.backups().getLast().label();
        BackupLabel first = info.backups().getFirst().label();

        assertThat(removed(plan(info, RetentionPolicy.KEEP_ALL, ExpireRequest.of(last, NOW))))
                .containsExactly(3);
        assertThat(removed(plan(info, RetentionPolicy.KEEP_ALL, ExpireRequest.ofOldest(NOW))))
                .containsExactly(2, 1);
        BackupInfo rest = info.without(last);
        assertThatThrownBy(() -> plan(rest, RetentionPolicy.KEEP_ALL, ExpireRequest.of(first, NOW)))
                .isInstanceOfSatisfying(
                        BackupException.class,
                        e -> assertThat(e.exit()).isEqualTo(BackrestExit.BACKUP_SET_INVALID));
    }

    @Test
    void refusesToGoByAClockThatWentBack() throws Exception {
        BackupInfo info = info("F1 F2 F3");
        Instant newest = info.backups().getLast().timestampStop();
        RetentionPolicy policy = RetentionPolicy.ofFull(1);

        assertThat(
                        removed(
                                plan(
                                        info,
                                        policy,
                                        ExpireRequest.byRetention(
                                                newest.minus(Duration.ofHours(23))))))
                .containsExactly(2, 1);
        assertThatThrownBy(
                        () ->
                                plan(
                                        info,
                                        policy,
                                        ExpireRequest.byRetention(
                                                newest.minus(Duration.ofHours(25)))))
                .hasMessageContaining("correct the clock");
    }

    @Test
    void formerClustersKeepTheWalOfTheirBackupsOnly() throws Exception {
        DatabaseVersion former = new DatabaseVersion(1, "14", "7000", 0, 0);
        DatabaseVersion current = new DatabaseVersion(2, "15", "8000", 0, 0);
        DatabaseHistory both = new DatabaseHistory(2, List.of(former, current));
        BackupInfo info =
                new BackupInfo(
                        both,
                        List.of(
                                backup("F1", 1, null, 1),
                                backup("F2", 2, null, 2),
                                backup("F3", 3, null, 2)),
                        null);

        ExpirePlan two = ExpirePlan.of(info, both, policy(2, null, null), byRetention());
        ExpirePlan three = ExpirePlan.of(info, both, policy(3, null, 1), byRetention());

        assertThat(two.wal().get("14-1")).isInstanceOf(WalRetention.RemoveAll.class);
        assertThat(two.wal().get("15-2")).isInstanceOf(WalRetention.From.class);
        assertThat(three.wal().get("14-1")).isInstanceOf(WalRetention.From.class);
        assertThatThrownBy(
                        () ->
                                ExpirePlan.of(
                                        info,
                                        new DatabaseHistory(
                                                2,
                                                List.of(
                                                        former,
                                                        new DatabaseVersion(2, "15", "9", 0, 0))),
                                        policy(2, null, null),
                                        byRetention()))
                .hasMessageContaining("same cluster with id 2");
    }

    /** Whatever the history and the retention: what a kept backup needs is kept. */
    @Test
    void neverRemovesWhatAKeptBackupNeeds() throws Exception {
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            BackupInfo info = HISTORIES.info(random, true);
            RetentionPolicy policy = Histories.policy(random);
            ExpireRequest request = randomRequest(random, info);
            ExpirePlan plan;
            try {
                plan = ExpirePlan.of(info, info.databases(), policy, request);
            } catch (BackupException e) {
                assertThat(e.exit()).as("seed %s", seed).isEqualTo(BackrestExit.BACKUP_SET_INVALID);
                continue;
            }
            check(seed, info, plan);
        }
    }

    private static void check(long seed, BackupInfo info, ExpirePlan plan) {
        Set<BackupLabel> kept =
                plan.kept().stream()
                        .map(ExpirePlan.Decision::label)
                        .collect(Collectors.toUnmodifiableSet());
        assertThat(plan.decisions()).as("seed %s", seed).hasSameSizeAs(info.backups());
        assertThat(plan.decisions())
                .allSatisfy(decision -> assertThat(decision.reason()).isNotBlank());
        assertThat(kept.stream().map(BackupLabel::type))
                .as("a full backup is left, seed %s", seed)
                .contains(BackupType.FULL);
        for (ExpirePlan.Decision decision : plan.kept()) {
            BackupSummary backup = decision.backup();
            assertThat(kept).as("seed %s", seed).containsAll(backup.reference());
            if (backup.prior() != null) {
                assertThat(kept).as("seed %s", seed).contains(backup.prior());
            }
            checkWal(seed, backup, plan);
        }
    }

    private static void checkWal(long seed, BackupSummary backup, ExpirePlan plan) {
        WalSegment start = backup.archiveStart();
        WalSegment stop = backup.archiveStop();
        if (start == null || stop == null) {
            return;
        }
        WalRetention wal =
                plan.wal().get(backup.databaseId() == 1 ? "14-1" : "15-" + backup.databaseId());
        assertThat(wal).isNotNull();
        for (WalSegment at = start; at.compareTo(stop) <= 0; at = at.next(WAL)) {
            assertThat(wal == null || wal.keeps(at.text()))
                    .as("seed %s: %s of %s", seed, at, backup.label())
                    .isTrue();
            assertThat(wal == null ? null : wal.directory(at.directory()))
                    .as("seed %s: directory of %s", seed, at)
                    .isNotEqualTo(WalRetention.Directory.REMOVE);
        }
    }

    private static ExpireRequest randomRequest(Random random, BackupInfo info) {
        Instant now = DAY_ONE.plus(Duration.ofDays(25 + random.nextInt(20)));
        return switch (random.nextInt(4)) {
            case 0 ->
                    ExpireRequest.of(
                            info.backups().get(random.nextInt(info.backups().size())).label(), now);
            case 1 -> ExpireRequest.ofOldest(now);
            default -> ExpireRequest.byRetention(now);
        };
    }

    private static final int WAL = 16 << 20;

    private static ExpireRequest byRetention() {
        return ExpireRequest.byRetention(NOW);
    }

    private static ExpirePlan plan(BackupInfo info, RetentionPolicy policy) throws BackupException {
        return plan(info, policy, byRetention());
    }

    private static ExpirePlan plan(BackupInfo info, RetentionPolicy policy, ExpireRequest request)
            throws BackupException {
        return ExpirePlan.of(info, ONE, policy, request);
    }

    private static RetentionPolicy policy(
            @Nullable Integer full, @Nullable Integer diff, @Nullable Integer archive) {
        return new RetentionPolicy(full, FullType.COUNT, diff, archive, BackupType.FULL, null);
    }

    private static WalRetention wal(ExpirePlan plan) {
        return plan.wal().values().iterator().next();
    }

    /** Days of removed backups, in the order of removal. */
    private static List<Integer> removed(ExpirePlan plan) {
        return plan.removals().stream()
                .map(
                        decision ->
                                (int)
                                        Duration.between(
                                                        DAY_ONE,
                                                        decision.label().time(ZoneOffset.UTC))
                                                .toDays())
                .toList();
    }

    /** Backups one a day; a differential one depends on the full, an incremental on the last. */
    private static BackupInfo info(String names) {
        return HISTORIES.info(names);
    }

    private static WalSegment segment(int day) {
        return Histories.segment(day);
    }

    private static BackupSummary backup(
            String name, int day, @Nullable List<BackupSummary> chain, int database) {
        return HISTORIES.backup(
                name,
                day,
                chain == null ? List.of() : chain,
                database,
                segment(day),
                segment(day).next(WAL));
    }
}
