package io.pgnode.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WriteHistoryTest {
    private long seq;

    @Test
    void switchoverAndReturnAreNoDoubleWrites() {
        var history =
                new WriteHistory(
                        List.of(ack(0, 10, 1), ack(1, 20, 2), ack(0, 30, 3), ack(0, 40, 3)));

        assertThat(history.doubleWrites()).isEmpty();
    }

    @Test
    void oldPrimaryThatGoesOnIsFound() {
        Ack late = ack(0, 30, 1);
        var history = new WriteHistory(List.of(ack(0, 10, 1), ack(1, 20, 2), late, ack(1, 40, 2)));

        assertThat(history.doubleWrites()).containsExactly(late);
    }

    @Test
    void twoMembersOnOneTimelineAreFound() {
        var history = new WriteHistory(List.of(ack(0, 10, 2), ack(1, 20, 2)));

        assertThat(history.doubleWrites()).hasSize(1);
    }

    @Test
    void insertBegunBeforeTheNewPrimaryAnsweredProvesNothing() {
        var slow = new Ack(0, 1, 0, 15, 35, 1);
        var history = new WriteHistory(List.of(ack(1, 20, 2), slow));

        assertThat(history.doubleWrites()).isEmpty();
    }

    @Test
    void gapIsTheLongestSilenceAcrossAllNodes() {
        var history =
                new WriteHistory(
                        List.of(ack(0, 10, 1), ack(0, 20, 1), ack(1, 120, 2), ack(1, 140, 2)));

        assertThat(history.longestGapNanos(25, 140)).isEqualTo(100);
        assertThat(history.longestGapNanos(25, 400)).isEqualTo(260);
        assertThat(history.longestGapNanos(125, 150)).isEqualTo(20);
    }

    private Ack ack(int node, long at, int timeline) {
        return new Ack(node, seq++, node, at - 2, at, timeline);
    }
}
