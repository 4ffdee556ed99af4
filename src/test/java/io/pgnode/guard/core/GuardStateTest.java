package io.pgnode.guard.core;

import static io.pgnode.guard.core.GuardState.Phase.ARMED;
import static io.pgnode.guard.core.GuardState.Phase.FENCED;
import static io.pgnode.guard.core.GuardState.Phase.IDLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.guard.core.GuardMessage.Extend;
import io.pgnode.guard.core.GuardMessage.Hello;
import io.pgnode.guard.core.GuardMessage.Lead;
import io.pgnode.guard.core.GuardMessage.Postmaster;
import io.pgnode.guard.core.GuardMessage.Release;
import org.junit.jupiter.api.Test;

class GuardStateTest {
    private static final GuardState ARMED_AT_100 =
            after(GuardState.INITIAL, new Lead(7, 100, 42, 1));

    @Test
    void nothingIsDueBeforeTheFirstLead() {
        assertThat(GuardState.INITIAL.isDue(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void isDueExactlyAtTheDeadline() {
        assertThat(ARMED_AT_100.isDue(99)).isFalse();
        assertThat(ARMED_AT_100.isDue(100)).isTrue();
    }

    @Test
    void comparesDeadlinesAcrossOverflow() {
        GuardState state = after(GuardState.INITIAL, new Lead(7, Long.MIN_VALUE + 5, 42, 1));

        assertThat(state.isDue(Long.MAX_VALUE)).isFalse();
        assertThat(state.isDue(Long.MIN_VALUE + 5)).isTrue();
    }

    @Test
    void anExtensionMovesTheDeadline() {
        GuardState state = after(ARMED_AT_100, new Extend(7, 200));

        assertThat(state.isDue(199)).isFalse();
        assertThat(state.isDue(200)).isTrue();
    }

    @Test
    void anExtensionHandledLateStillCounts() {
        assertThat(ARMED_AT_100.isDue(150)).isTrue();

        assertThat(after(ARMED_AT_100, new Extend(7, 200)).isDue(150)).isFalse();
    }

    @Test
    void theDeadlineOfAnEpochNeverFalls() {
        assertThat(after(ARMED_AT_100, new Extend(7, 50))).isEqualTo(ARMED_AT_100);
        assertThat(after(ARMED_AT_100, new Lead(7, 50, 42, 1))).isEqualTo(ARMED_AT_100);
    }

    @Test
    void aNewEpochStartsWithItsOwnDeadline() {
        assertThat(after(ARMED_AT_100, new Lead(8, 50, 42, 1)).deadlineNanos()).isEqualTo(50);
    }

    @Test
    void aLowerEpochIsRefused() {
        assertThat(ARMED_AT_100.apply(new Lead(6, 900, 42, 1)))
                .isEqualTo(new GuardState.Step(ARMED_AT_100, "epoch 6 is lower than 7"));
        assertThat(ARMED_AT_100.apply(new Release(6)).isAccepted()).isFalse();
        assertThat(ARMED_AT_100.apply(new Extend(6, 900)).isAccepted()).isFalse();
    }

    @Test
    void anEpochThatNeverLedCannotBeExtended() {
        assertThat(ARMED_AT_100.apply(new Extend(8, 900)).refusal())
                .isEqualTo("epoch 8 does not lead, last was 7");
    }

    @Test
    void releasedIsNeverDue() {
        GuardState released = after(ARMED_AT_100, new Release(7));

        assertThat(released.phase()).isEqualTo(IDLE);
        assertThat(released.isDue(Long.MAX_VALUE)).isFalse();
        assertThat(released.apply(new Extend(7, 900)).refusal()).isEqualTo("epoch 7 was released");
    }

    @Test
    void aLaterEpochReleasesToo() {
        assertThat(after(ARMED_AT_100, new Release(9)))
                .isEqualTo(new GuardState(IDLE, 9, 0, 42, 1));
    }

    @Test
    void theSameEpochMayLeadAgainAfterARelease() {
        GuardState state = after(after(ARMED_AT_100, new Release(7)), new Lead(7, 300, 43, 2));

        assertThat(state).isEqualTo(new GuardState(ARMED, 7, 300, 43, 2));
    }

    @Test
    void afterFencingOnlyAHigherEpochLeads() {
        GuardState fenced = ARMED_AT_100.fenced();

        assertThat(fenced.isDue(Long.MAX_VALUE)).isFalse();
        assertThat(fenced.apply(new Lead(7, 900, 42, 1)).refusal()).isEqualTo("epoch 7 was fenced");
        assertThat(fenced.apply(new Extend(7, 900)).refusal()).isEqualTo("epoch 7 was fenced");
        assertThat(after(fenced, new Release(7)).phase()).isEqualTo(FENCED);
        assertThat(after(fenced, new Lead(8, 900, 43, 2)).phase()).isEqualTo(ARMED);
    }

    @Test
    void aNewAgentChangesNothing() {
        assertThat(after(ARMED_AT_100, new Hello(99, 5, "1"))).isEqualTo(ARMED_AT_100);
    }

    @Test
    void anAgentThatDoesNotKnowThePostmasterLeavesTheKnownOne() {
        assertThat(after(ARMED_AT_100, new Lead(8, 200, 0, 0)).pid()).isEqualTo(42);
    }

    @Test
    void aNewPostmasterLeavesTheDeadline() {
        assertThat(after(ARMED_AT_100, new Postmaster(50, 9)))
                .isEqualTo(new GuardState(ARMED, 7, 100, 50, 9));
    }

    private static GuardState after(GuardState state, GuardMessage message) {
        GuardState.Step step = state.apply(message);
        assertThat(step.refusal()).isEmpty();
        return step.state();
    }
}
