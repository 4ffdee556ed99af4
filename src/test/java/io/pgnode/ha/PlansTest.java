package io.pgnode.ha;

import static io.pgnode.ha.Situation.NOW;
import static io.pgnode.ha.Situation.ONE;
import static io.pgnode.ha.Situation.SECOND;
import static io.pgnode.ha.Situation.THREE;
import static io.pgnode.ha.Situation.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.model.Lsn;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The small plans: rejoin, slots, switchover. */
class PlansTest {
    // ---------------------------------------------------------------- rejoin

    @Test
    void rejoinEndsWhateverHappens() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            RejoinPlan.Settings settings =
                    new RejoinPlan.Settings(
                            random.nextBoolean(), random.nextBoolean(), random.nextBoolean());
            RejoinPlan.Next next =
                    RejoinPlan.begin(settings, random.nextInt(10)).next(RejoinPlan.Outcome.BEGIN);
            int steps = 0;
            while (!isLast(next.step())) {
                next = next.then().next(outcome(next.step(), random));
                assertThat(++steps).as("seed %d", seed).isLessThan(20);
            }
        }
    }

    private static boolean isLast(RejoinPlan.Step step) {
        return switch (step) {
            case RejoinPlan.Step.CheckDivergence check -> false;
            case RejoinPlan.Step.Rewind rewind -> false;
            case RejoinPlan.Step.CloneAnew clone -> true;
            case RejoinPlan.Step.Start start -> true;
            case RejoinPlan.Step.TryLater later -> true;
            case RejoinPlan.Step.GiveUp giveUp -> true;
        };
    }

    private static RejoinPlan.Outcome outcome(RejoinPlan.Step step, Random random) {
        if (step instanceof RejoinPlan.Step.Rewind) {
            return random.nextBoolean()
                    ? RejoinPlan.Outcome.REWOUND
                    : RejoinPlan.Outcome.REWIND_FAILED;
        }
        return switch (random.nextInt(3)) {
            case 0 -> RejoinPlan.Outcome.NOT_DIVERGED;
            case 1 -> RejoinPlan.Outcome.DIVERGED;
            default -> RejoinPlan.Outcome.UNKNOWN;
        };
    }

    @Test
    void rejoinChecksAgainAfterARewind() {
        RejoinPlan plan = RejoinPlan.begin(new RejoinPlan.Settings(true, true, true), 0);

        RejoinPlan.Next rewind = plan.next(RejoinPlan.Outcome.DIVERGED);
        assertThat(rewind.step()).isEqualTo(new RejoinPlan.Step.Rewind());
        RejoinPlan.Next check = rewind.then().next(RejoinPlan.Outcome.REWOUND);
        assertThat(check.step()).isEqualTo(new RejoinPlan.Step.CheckDivergence());
        assertThat(check.then().next(RejoinPlan.Outcome.NOT_DIVERGED).step())
                .isEqualTo(new RejoinPlan.Step.Start());
        assertThat(check.then().next(RejoinPlan.Outcome.DIVERGED).step())
                .isInstanceOf(RejoinPlan.Step.TryLater.class);
    }

    @Test
    void rejoinCopiesAfterFruitlessRewindsOnlyWhenThatIsAllowed() {
        for (boolean allowed : new boolean[] {true, false}) {
            RejoinPlan plan =
                    RejoinPlan.begin(
                            new RejoinPlan.Settings(true, allowed, false),
                            RejoinPlan.MAX_FRUITLESS);
            RejoinPlan.Step step =
                    plan.next(RejoinPlan.Outcome.DIVERGED)
                            .then()
                            .next(RejoinPlan.Outcome.REWOUND)
                            .then()
                            .next(RejoinPlan.Outcome.DIVERGED)
                            .step();
            assertThat(step)
                    .isInstanceOf(
                            allowed
                                    ? RejoinPlan.Step.CloneAnew.class
                                    : RejoinPlan.Step.GiveUp.class);
        }
    }

    // ---------------------------------------------------------------- slots

    private static SlotPlan slots(Situation s, Set<String> present, Map<String, Long> lastSeen) {
        return SlotPlan.of(ONE, s.view(), present, lastSeen, NOW, 60 * SECOND);
    }

    @Test
    void everyOtherMemberHasASlot() {
        Situation s = Situation.leader();
        assertThat(slots(s, Set.of("pg_2"), Map.of()))
                .isEqualTo(new SlotPlan(Set.of("pg_3"), Set.of()));

        s.members.put(
                THREE,
                Situation.member(
                        THREE,
                        MemberRole.REPLICA,
                        "running",
                        new Tags(Map.of("replicatefrom", "pg-2"))));
        assertThat(slots(s, Set.of("pg_2"), Map.of()).isEmpty()).isTrue();
    }

    @Test
    void slotsOutliveTheirMemberForAWhileAndForeignOnesForEver() {
        Situation s = Situation.leader();
        s.members.remove(THREE);
        Set<String> present = Set.of("pg_2", "pg_3", "backup");

        assertThat(slots(s, present, Map.of("pg_3", NOW - 59 * SECOND)).drop()).isEmpty();
        assertThat(slots(s, present, Map.of("pg_3", NOW - 61 * SECOND)).drop())
                .containsExactly("pg_3");
        assertThat(slots(s, present, Map.of()).drop()).isEmpty();
    }

    // ---------------------------------------------------------------- switchover

    private static void assertProblem(Situation s, String text) {
        assertThat(
                        SwitchoverCheck.problem(
                                new SwitchoverRequest(ONE, TWO, null, 1), s.view(), s.instance()))
                .contains(text);
    }

    @Test
    void aSwitchoverNeedsACandidateThatLosesNothing() {
        Situation s = Situation.leader();
        assertThat(
                        SwitchoverCheck.problem(
                                new SwitchoverRequest(ONE, TWO, null, 1), s.view(), s.instance()))
                .isNull();

        s.replication.set(0, Situation.standby("pg-2", "streaming", new Lsn(0x1000000)));
        assertProblem(s, "lags");
        s.replication.set(0, Situation.standby("pg-2", "catchup", s.position));
        assertProblem(s, "does not stream");
        s.syncMode = SyncMode.ON;
        s.sync = new SyncState(ONE, Set.of(THREE), 0, 1);
        assertProblem(s, "not a synchronous standby");
        s.members.put(
                TWO,
                Situation.member(
                        TWO,
                        MemberRole.REPLICA,
                        "running",
                        new Tags(Map.of("nofailover", "true"))));
        assertProblem(s, "nofailover");
        s.members.put(TWO, Situation.member(TWO, MemberRole.REPLICA, "starting"));
        assertProblem(s, "not running but starting");
        s.members.remove(TWO);
        assertProblem(s, "not a member");
    }

    /** For up to ten seconds after it connects, pg_stat_replication has no positions of it. */
    @Test
    void aCandidateThatHasJustConnectedIsJudgedByItsOwnWord() {
        Situation s = Situation.leader();
        s.replication.set(0, Situation.standby("pg-2", "streaming", Lsn.NONE));
        assertProblem(s, "has not told yet how much WAL it has");

        s.members.put(TWO, Situation.member(TWO, MemberRole.REPLICA, "running", s.position, 3));
        assertThat(SwitchoverCheck.bestCandidate(s.view(), s.instance())).isEqualTo(TWO);
        s.members.put(
                TWO, Situation.member(TWO, MemberRole.REPLICA, "running", new Lsn(0x1000000), 3));
        assertProblem(s, "lags");
        s.members.put(TWO, Situation.member(TWO, MemberRole.REPLICA, "running", s.position, 2));
        assertProblem(s, "has not told yet how much WAL it has"); // of this timeline
    }

    @Test
    void theBestCandidateHasTheMostWalThenTheHighestPriority() {
        Situation s = Situation.leader();
        assertThat(SwitchoverCheck.bestCandidate(s.view(), s.instance())).isEqualTo(TWO);

        s.members.put(
                THREE,
                Situation.member(
                        THREE,
                        MemberRole.REPLICA,
                        "running",
                        new Tags(Map.of("failover_priority", "2"))));
        assertThat(SwitchoverCheck.bestCandidate(s.view(), s.instance())).isEqualTo(THREE);

        s.replication.set(1, Situation.standby("pg-3", "streaming", new Lsn(0x2FFF000)));
        assertThat(SwitchoverCheck.bestCandidate(s.view(), s.instance())).isEqualTo(TWO);
    }
}
