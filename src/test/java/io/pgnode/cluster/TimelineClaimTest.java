package io.pgnode.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineClaimTest {
    private static final Lsn SWITCH = Lsn.parse("0/5000000");

    private static TimelineClaim claimed(int timeline) {
        return new TimelineClaim(timeline, new MemberName("pg-test-2"), 7, 11);
    }

    private static TimelineHistory historyUpTo(int timeline) {
        return new TimelineHistory(
                List.of(new TimelineHistory.Entry(timeline - 1, SWITCH, "", "", "")), 1);
    }

    @Test
    void theNextNumberIsNewerThanAllThatAreKnown() {
        assertThat(TimelineClaim.NONE.next(5, TimelineHistory.NONE)).isEqualTo(6);
        assertThat(claimed(5).next(5, TimelineHistory.NONE)).isEqualTo(6);
        assertThat(claimed(6).next(5, TimelineHistory.NONE)).isEqualTo(7);
        assertThat(claimed(3).next(5, TimelineHistory.NONE)).isEqualTo(6);
        assertThat(claimed(6).next(5, historyUpTo(9))).isEqualTo(10);
    }

    @Test
    void aClaimBeyondReasonIsNotBelieved() {
        assertThat(claimed(1005).next(5, TimelineHistory.NONE)).isEqualTo(1006);
        assertThat(claimed(1006).next(5, TimelineHistory.NONE)).isEqualTo(6);
        assertThat(claimed(Integer.MAX_VALUE).next(5, TimelineHistory.NONE)).isEqualTo(6);
    }

    @Test
    void aHistoryNamesTheSkippedNumbers() {
        List<TimelineHistory.Entry> entries =
                List.of(
                        new TimelineHistory.Entry(1, Lsn.parse("0/3000000"), "why", "t1", "a"),
                        new TimelineHistory.Entry(2, SWITCH, "why", "", ""));

        List<TimelineHistory.Entry> all = TimelineHistory.withSkipped(entries, 5);

        assertThat(all).extracting(TimelineHistory.Entry::timeline).containsExactly(1, 2, 3, 4);
        assertThat(all.subList(2, 4))
                .allSatisfy(
                        entry -> {
                            assertThat(entry.switchLsn()).isEqualTo(SWITCH);
                            assertThat(entry.reason()).isEqualTo(TimelineHistory.SKIPPED);
                        });
        assertThat(new TimelineHistory(all, 1).currentTimeline()).isEqualTo(5);
        assertThat(TimelineHistory.withSkipped(entries, 3)).isEqualTo(entries);
        assertThat(TimelineHistory.withSkipped(List.of(), 1)).isEmpty();
    }
}
