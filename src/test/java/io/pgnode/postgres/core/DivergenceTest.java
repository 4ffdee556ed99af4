package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.Lsn;
import org.junit.jupiter.api.Test;

class DivergenceTest {
    private static final Lsn SWITCH = Lsn.parse("0/3000148");
    private static final HistoryFile HISTORY =
            HistoryFile.parse("1\t0/2000000\tno recovery target\n\n2\t0/3000148\tat\ttab\n");

    @Test
    void nobodyDivergesFromHisOwnTimeline() {
        assertThat(Divergence.between(standby(3, "0/9000000"), 3, HISTORY, HistoryFile.EMPTY))
                .isEqualTo(new Divergence.None());
        assertThat(
                        Divergence.between(
                                crashedPrimary(3, "0/9000000"), 3, HISTORY, HistoryFile.EMPTY))
                .isEqualTo(new Divergence.None());
    }

    @Test
    void twoTimelinesOfOneNumberDifferWhereTheyBegin() {
        HistoryFile other = HistoryFile.parse("1\t0/2000000\tx\n2\t0/3000000\tx\n");
        assertThat(needed(Divergence.between(standby(3, "0/9000000"), 3, HISTORY, other)))
                .isEqualTo(Lsn.parse("0/3000000"));
        HistoryFile later = HistoryFile.parse("1\t0/2000000\tx\n2\t0/3000148\tx\n3\t0/4000000\tx");
        assertThat(needed(Divergence.between(standby(3, "0/3000100"), 4, later, other)))
                .isEqualTo(Lsn.parse("0/3000000"));
        assertThat(Divergence.between(standby(3, "0/3800000"), 4, later, HISTORY))
                .isEqualTo(new Divergence.None());
    }

    @Test
    void standbyMayHaveReplayedUpToTheSwitch() {
        assertThat(Divergence.between(standby(2, "0/3000148"), 3, HISTORY, HistoryFile.EMPTY))
                .isEqualTo(new Divergence.None());
        assertThat(
                        needed(
                                Divergence.between(
                                        standby(2, "0/3000150"), 3, HISTORY, HistoryFile.EMPTY)))
                .isEqualTo(SWITCH);
        assertThat(Divergence.between(standby(1, "0/1FFFFFF"), 3, HISTORY, HistoryFile.EMPTY))
                .isEqualTo(new Divergence.None());
    }

    @Test
    void newerOrUnknownTimelineIsAnotherHistory() {
        assertThat(
                        needed(
                                Divergence.between(
                                        standby(4, "0/1000000"), 3, HISTORY, HistoryFile.EMPTY)))
                .isEqualTo(Lsn.NONE);
        assertThat(
                        needed(
                                Divergence.between(
                                        standby(2, "0/1000000"),
                                        5,
                                        HistoryFile.EMPTY,
                                        HistoryFile.EMPTY)))
                .isEqualTo(Lsn.NONE);
    }

    @Test
    void formerPrimaryThatEndedExactlyAtTheSwitchMayFollow() {
        assertThat(
                        Divergence.between(
                                cleanPrimary("0/30000D0", "0/3000148"),
                                3,
                                HISTORY,
                                HistoryFile.EMPTY))
                .isEqualTo(new Divergence.None());
        assertThat(
                        needed(
                                Divergence.between(
                                        cleanPrimary("0/30000D0", "0/3000140"),
                                        3,
                                        HISTORY,
                                        HistoryFile.EMPTY)))
                .isEqualTo(SWITCH);
        assertThat(
                        needed(
                                Divergence.between(
                                        cleanPrimary("0/3000148", "0/30001C0"),
                                        3,
                                        HISTORY,
                                        HistoryFile.EMPTY)))
                .isEqualTo(SWITCH);
    }

    @Test
    void crashedPrimaryIsNeverTrusted() {
        assertThat(
                        needed(
                                Divergence.between(
                                        crashedPrimary(2, "0/3000000"),
                                        3,
                                        HISTORY,
                                        HistoryFile.EMPTY)))
                .isEqualTo(SWITCH);
    }

    private static Lsn needed(Divergence divergence) {
        assertThat(divergence).isInstanceOf(Divergence.Needed.class);
        return divergence instanceof Divergence.Needed needed ? needed.at() : Lsn.NONE;
    }

    private static Divergence.Local standby(int timeline, String replayed) {
        return Divergence.Local.replaying(timeline, Lsn.parse(replayed));
    }

    private static Divergence.Local cleanPrimary(String checkpoint, String end) {
        return new Divergence.Local(2, Lsn.parse(checkpoint), Lsn.parse(end), false, true);
    }

    private static Divergence.Local crashedPrimary(int timeline, String checkpoint) {
        return new Divergence.Local(
                timeline, Lsn.parse(checkpoint), Lsn.parse(checkpoint), false, false);
    }
}
