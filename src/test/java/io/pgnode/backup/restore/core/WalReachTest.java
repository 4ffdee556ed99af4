package io.pgnode.backup.restore.core;

import static io.pgnode.backup.restore.core.WalReach.Verdict.REACHABLE;
import static io.pgnode.backup.restore.core.WalReach.Verdict.UNKNOWN;
import static io.pgnode.backup.restore.core.WalReach.Verdict.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.HistoryFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WalReachTest {
    private static final int SIZE = 16 << 20;
    private static final TimelinePath ONE = TimelinePath.to(1, HistoryFile.EMPTY);

    /** Timeline 2 left timeline 1 inside of segment 5. */
    private static final TimelinePath TWO =
            TimelinePath.to(2, HistoryFile.parse("1\t0/5400000\tno recovery target specified\n"));

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void allThereIsReachable() {
        WalReach reach = reach(new RestoreTarget.End(), ONE, wal(1, 2, 9));

        assertThat(reach.verdict()).isEqualTo(REACHABLE);
        assertThat(reach.last()).hasToString("000000010000000000000009");
        assertThat(reach.count()).isEqualTo(7);
    }

    @Test
    void aGapIsNamed() {
        List<WalSegment> wal = new ArrayList<>(wal(1, 2, 5));
        wal.addAll(wal(1, 8, 9));

        WalReach reach = reach(new RestoreTarget.End(), ONE, wal);

        assertThat(reach.verdict()).isEqualTo(UNREACHABLE);
        assertThat(reach.missing())
                .hasToString("[000000010000000000000006, 000000010000000000000007]");
        assertThat(reach.explanation()).endsWith("replay ends at 0/6000000");
    }

    @Test
    void aGapAfterThePositionDoesNoHarm() {
        List<WalSegment> wal = new ArrayList<>(wal(1, 2, 5));
        wal.addAll(wal(1, 8, 9));

        assertThat(reach(lsn("0/5FFFFFF"), ONE, wal).verdict()).isEqualTo(REACHABLE);
        assertThat(reach(lsn("0/6000000"), ONE, wal).verdict()).isEqualTo(UNREACHABLE);
    }

    @Test
    void aPositionFarAwayIsAnsweredAtOnce() {
        WalReach reach = reach(lsn("FFFFFFF/0"), ONE, wal(1, 2, 9));

        assertThat(reach.verdict()).isEqualTo(UNREACHABLE);
        assertThat(reach.missing()).hasSize(8);
        assertThat(reach.missingCount()).isGreaterThan(1L << 30);
    }

    @Test
    void theBackupsOwnWalIsNeededWhateverTheTarget() {
        WalReach reach = reach(new RestoreTarget.Immediate(), ONE, wal(1, 3, 3));

        assertThat(reach.verdict()).isEqualTo(UNREACHABLE);
        assertThat(reach.explanation()).contains("cannot become consistent");
    }

    @Test
    void theSegmentOfASwitchIsReadFromTheNewTimeline() {
        List<WalSegment> wal = new ArrayList<>(wal(1, 2, 4));
        wal.addAll(wal(2, 5, 7));

        assertThat(reach(new RestoreTarget.End(), TWO, wal).verdict()).isEqualTo(REACHABLE);
        assertThat(reach(lsn("0/7000000"), TWO, wal).last())
                .hasToString("000000020000000000000007");
    }

    @Test
    void theOldTimelinesTailIsMissed() {
        List<WalSegment> wal = new ArrayList<>(wal(1, 2, 3));
        wal.addAll(wal(2, 5, 7));

        WalReach reach = reach(new RestoreTarget.End(), TWO, wal);

        assertThat(reach.missing()).hasToString("[000000010000000000000004]");
    }

    @Test
    void aTimeAfterTheNewestSegmentIsNotReachable() {
        assertThat(reach(time(NOON.plusSeconds(1)), ONE, wal(1, 2, 9)).verdict())
                .isEqualTo(UNREACHABLE);
        assertThat(reach(time(NOON), ONE, wal(1, 2, 9)).verdict()).isEqualTo(UNKNOWN);
    }

    @Test
    void aTimelineThatLeftBeforeTheBackupIsRefused() {
        assertThat(TWO.refusal(1, Lsn.parse("0/5400001")).orElseThrow())
                .contains("timeline 2 left the backup's timeline 1 at 0/5400000");
        assertThat(TWO.refusal(1, Lsn.parse("0/5400000"))).isEmpty();
        assertThat(TWO.refusal(3, Lsn.parse("0/1"))).isPresent();
    }

    private static RestoreTarget lsn(String text) {
        return new RestoreTarget.Position(Lsn.parse(text), true);
    }

    private static RestoreTarget time(Instant at) {
        return new RestoreTarget.Time(at, true);
    }

    private static WalReach reach(
            RestoreTarget target, TimelinePath path, List<WalSegment> archive) {
        @Nullable Instant newest = NOON;
        return WalReach.of(
                new BackupCandidate(
                        1,
                        new BackupLabel("20261116-010000F"),
                        NOON,
                        Lsn.parse("0/3000028"),
                        Lsn.parse("0/3000100"),
                        WalSegment.ofNumber(1, 3, SIZE),
                        WalSegment.ofNumber(1, 4, SIZE)),
                target,
                path,
                WalInventory.of(archive, SIZE),
                newest);
    }

    private static List<WalSegment> wal(int timeline, int first, int last) {
        List<WalSegment> segments = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            segments.add(WalSegment.ofNumber(timeline, i, SIZE));
        }
        return segments;
    }
}
