package io.pgnode.ha;

import static io.pgnode.ha.Situation.NOW;
import static io.pgnode.ha.Situation.ONE;
import static io.pgnode.ha.Situation.SECOND;
import static io.pgnode.ha.Situation.THREE;
import static io.pgnode.ha.Situation.TWO;
import static io.pgnode.ha.Situation.leaderless;
import static io.pgnode.ha.Situation.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeaderRaceTest {
    private static final Lsn LESS = new Lsn(0x2FFF000);
    private static final Lsn SAME = new Lsn(0x3000000);
    private static final Lsn MORE = new Lsn(0x3001000);
    private static final Lsn MUCH_MORE = new Lsn(0x9000000);

    private final Situation s = leaderless();

    private void assertRuns() {
        HaDecision decision = s.decide();
        assertThat(decision).as(decision.why()).isInstanceOf(HaDecision.AcquireLeader.class);
    }

    private void assertWaits(String why) {
        HaDecision decision = s.decide();
        assertThat(decision).as(decision.why()).isInstanceOf(HaDecision.Wait.class);
        assertThat(decision.why()).contains(why);
    }

    @Test
    void lessWalLoses() {
        s.polled(peer(THREE, 3, MORE));
        assertWaits("pg-3 has more WAL");
    }

    @Test
    void aNewerTimelineBeatsMoreWal() {
        s.polled(peer(THREE, 2, MUCH_MORE));
        assertRuns();
    }

    @Test
    void aBetterCandidateThatNeverRunsIsNotWaitedForForever() {
        s.leaderAbsentSince = NOW - 6 * SECOND;
        s.polled(peer(THREE, 3, MORE));
        assertRuns();

        s.polled(peer(THREE, 3, MUCH_MORE));
        assertWaits("pg-3 has more WAL");
    }

    @Test
    void equalsGoInTheOrderOfTheirNames() {
        s.peers = new PeerPoll(NOW - 10_000_000, List.of(peer(ONE, 3, SAME)));
        assertWaits("letting 1 equal members go first");

        s.peers = new PeerPoll(NOW - 10_000_000, List.of(peer(THREE, 3, SAME)));
        assertRuns();
    }

    @Test
    void priorityDecidesBetweenEquals() {
        PeerAnswer three = peer(THREE, 3, SAME);
        s.polled(
                new PeerAnswer(
                        THREE,
                        true,
                        false,
                        false,
                        true,
                        3,
                        three.position(),
                        false,
                        5,
                        false,
                        "running",
                        true));
        assertWaits("higher failover_priority");

        s.tags = new Tags(Map.of("failover_priority", "9"));
        assertRuns();
    }

    @Test
    void membersThatMayNotRunAreNotWaitedFor() {
        s.polled(
                new PeerAnswer(
                        THREE, true, false, false, true, 3, MORE, true, 1, false, "running", true),
                PeerAnswer.unreachable(ONE));
        assertRuns();
    }

    @Test
    void aLivingPrimaryIsWaitedFor() {
        s.polled(
                new PeerAnswer(
                        ONE, true, true, true, false, 3, SAME, false, 1, false, "running", true));
        assertWaits("pg-1 is still a primary");

        s.leaderAbsentSince = NOW - 60 * SECOND;
        assertWaits("pg-1 is still a primary");
    }

    @Test
    void oldAnswersDoNotCount() {
        s.peers = new PeerPoll(NOW - 2 * SECOND, List.of(peer(THREE, 3, LESS)));
        assertThat(s.decide()).isInstanceOf(HaDecision.PollPeers.class);
    }

    @Test
    void obstaclesKeepAMemberOut() {
        s.polled(peer(THREE, 3, LESS));
        assertRuns();

        s.tags = new Tags(Map.of("nofailover", "true"));
        assertWaits("tagged nofailover");
        s.tags = Tags.NONE;
        s.watchdogFailed = true;
        assertWaits("watchdog");
        s.watchdogFailed = false;
        s.answers = false;
        assertWaits("does not answer");
        s.answers = true;
        s.raceAfter = NOW + 1;
        assertWaits("holding off");
        s.raceAfter = 0;
        s.promiseUntil = NOW + 1;
        assertWaits("promised to a leader");
        s.promiseUntil = 0;
        s.failsafeMode = true;
        s.failsafe = Map.of(ONE, "", THREE, "");
        assertWaits("failsafe key");
        s.failsafeMode = false;
        assertWaits("failsafe key");
        s.failsafe = Map.of();
        s.optime = MUCH_MORE;
        assertWaits("maximum_lag_on_failover");
        s.optime = Lsn.NONE;
        s.history = new TimelineHistory(List.of(new TimelineHistory.Entry(3, LESS, "", "", "")), 1);
        assertWaits("on timeline 3, the cluster is on 4");
    }

    @Test
    void anOlderTimelineMayRunWhileItIsABeginningOfTheNewest() {
        s.polled(peer(THREE, 3, LESS));
        s.history = new TimelineHistory(List.of(new TimelineHistory.Entry(3, SAME, "", "", "")), 1);
        assertRuns();
    }

    @Test
    void theHeirOfAHandoffRunsAtOnceOthersLater() {
        s.handoff = new Handoff(ONE, TWO, 3, SAME, "switchover");
        assertRuns();

        s.handoff = new Handoff(ONE, TWO, 3, MORE, "switchover");
        assertWaits("receiving up to");

        s.handoff = new Handoff(ONE, THREE, 3, SAME, "switchover");
        s.polled(peer(THREE, 3, SAME));
        assertWaits("was handed to pg-3");
        s.leaderAbsentSince = NOW - 3 * SECOND;
        assertRuns();
    }

    @Test
    void aManualFailoverChoosesButNotAgainstAPromise() {
        s.switchover = new SwitchoverRequest(null, TWO, null, 9);
        assertRuns();

        s.promiseUntil = NOW + 1;
        assertWaits("promised");

        s.promiseUntil = 0;
        s.switchover = new SwitchoverRequest(null, THREE, null, 9);
        assertWaits("manual failover to pg-3");
    }

    @Test
    void theOnlyMemberWaitsForOthersToShowUpFirst() {
        s.members.clear();
        assertWaits("waiting for other members to show up");

        s.leaderAbsentSince = NOW - 4 * SECOND;
        assertRuns();
    }
}
