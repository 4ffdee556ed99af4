package io.pgnode.backup.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSizes;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.DatabaseHistory;
import io.pgnode.backup.core.DatabaseVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BaseTest {
    private static final ZoneId UTC = ZoneOffset.UTC;
    private static final String FULL = "20261101-000000F";
    private static final String DIFF = FULL + "_20261102-000000D";
    private static final String INCR = FULL + "_20261103-000000I";

    @Test
    void diffIsBasedOnTheLastFullAndIncrOnTheLast() {
        BackupInfo info = info(2, line(FULL, 2), line(DIFF, 2), line(INCR, 2));
        assertThat(Base.choose(BackupType.DIFF, info))
                .isEqualTo(new Base(BackupType.DIFF, new BackupLabel(FULL)));
        assertThat(Base.choose(BackupType.INCR, info))
                .isEqualTo(new Base(BackupType.INCR, new BackupLabel(INCR)));
        assertThat(Base.choose(BackupType.FULL, info)).isEqualTo(Base.NONE);
    }

    @Test
    void becomesFullWithoutABackupOfThisCluster() {
        BackupInfo info = info(2, line(FULL, 1), line(INCR, 1));
        assertThat(Base.choose(BackupType.INCR, info)).isEqualTo(Base.NONE);
        assertThat(Base.choose(BackupType.DIFF, info)).isEqualTo(Base.NONE);
    }

    @Test
    void labelsNameTheFullBackupOfTheChain() {
        Instant time = Instant.parse("2026-11-04T05:06:07Z");
        assertThat(new Base(BackupType.INCR, new BackupLabel(DIFF)).label(time, UTC).text())
                .isEqualTo(FULL + "_20261104-050607I");
    }

    @Test
    void labelsSortAfterAllThatAreThere() {
        List<BackupLabel> labels = List.of(new BackupLabel(INCR), new BackupLabel(FULL));
        Instant newest = Instant.parse("2026-11-03T00:00:00Z");
        assertThat(Base.untilNext(labels, newest.plusSeconds(1), UTC)).isZero();
        assertThat(Base.untilNext(labels, newest.plusMillis(400), UTC))
                .isEqualTo(Duration.ofMillis(600));
        assertThat(Base.untilNext(labels, newest.minusSeconds(99), UTC))
                .isEqualTo(Duration.ofSeconds(100));
        assertThat(Base.untilNext(List.of(), newest, UTC)).isZero();
    }

    private static BackupInfo info(int current, BackupSummary... backups) {
        return new BackupInfo(
                new DatabaseHistory(
                        current,
                        List.of(
                                new DatabaseVersion(1, "14", "71", 202107181, 1300),
                                new DatabaseVersion(2, "15", "72", 202209061, 1300))),
                List.of(backups),
                null);
    }

    private static BackupSummary line(String label, int databaseId) {
        return new BackupSummary(
                new BackupLabel(label),
                new BackupLabel(label).type(),
                null,
                List.of(),
                5,
                "2.55.1",
                Map.of(),
                null,
                null,
                null,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                false,
                new BackupSizes(0, 0, 0L, 0, null, null),
                databaseId,
                new BackupSummary.Options(true, false, false, true, true, false, true));
    }
}
