package io.pgnode.backup.restore.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BackupChoiceTest {
    private static final BackupCandidate MONDAY = backup(1, "20261116-010000F", 1, "0/2000100");
    private static final BackupCandidate TUESDAY =
            backup(1, "20261116-010000F_20261117-010000I", 2, "0/4000100");
    private static final BackupCandidate ELSEWHERE = backup(2, "20261118-010000F", 3, "0/6000100");
    private static final List<BackupCandidate> ALL = List.of(ELSEWHERE, MONDAY, TUESDAY);

    @Test
    void takesTheNewestThatWasCompleteBeforeATime() {
        assertThat(chosen(time(stop(2).plusMillis(1)))).isEqualTo(TUESDAY);
        assertThat(chosen(time(stop(2)))).isEqualTo(MONDAY);
        assertThat(chosen(time(stop(1)))).isNull();
    }

    @Test
    void takesTheNewestThatIsConsistentAtAPosition() {
        assertThat(chosen(lsn("0/4000100"))).isEqualTo(TUESDAY);
        assertThat(chosen(lsn("0/40000FF"))).isEqualTo(MONDAY);
        assertThat(chosen(lsn("0/2000000"))).isNull();
    }

    @Test
    void takesTheNewestOfTheFirstRepositoryOtherwise() {
        assertThat(chosen(new RestoreTarget.End())).isEqualTo(TUESDAY);
        assertThat(chosen(new RestoreTarget.Xid(700, true))).isEqualTo(TUESDAY);
    }

    @Test
    void looksInTheNextRepositoryWhenTheFirstHasNone() {
        BackupChoice choice =
                BackupChoice.choose(List.of(ELSEWHERE), null, new RestoreTarget.Immediate());

        assertThat(choice.backup()).isEqualTo(ELSEWHERE);
    }

    @Test
    void takesWhatIsAskedFor() {
        BackupChoice choice = BackupChoice.choose(ALL, "20261116-010000F", new RestoreTarget.End());

        assertThat(choice.backup()).isEqualTo(MONDAY);
        assertThat(BackupChoice.choose(ALL, "20261119-010000F", new RestoreTarget.End()).reason())
                .isEqualTo("there is no backup 20261119-010000F");
    }

    private static @Nullable BackupCandidate chosen(RestoreTarget target) {
        return BackupChoice.choose(ALL, null, target).backup();
    }

    private static RestoreTarget time(Instant at) {
        return new RestoreTarget.Time(at, true);
    }

    private static RestoreTarget lsn(String text) {
        return new RestoreTarget.Position(Lsn.parse(text), true);
    }

    private static Instant stop(int day) {
        return Instant.parse("2026-11-16T01:10:00Z").plusSeconds((day - 1) * 86_400L);
    }

    private static BackupCandidate backup(int key, String label, int day, String stopLsn) {
        WalSegment segment = WalSegment.holding(1, Lsn.parse(stopLsn), 16 << 20);
        return new BackupCandidate(
                key,
                new BackupLabel(label),
                stop(day),
                segment.start(16 << 20),
                Lsn.parse(stopLsn),
                segment,
                segment);
    }
}
