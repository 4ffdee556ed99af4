package io.pgnode.ha;

import static io.pgnode.ha.Situation.ONE;
import static io.pgnode.ha.Situation.THREE;
import static io.pgnode.ha.Situation.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterRecovery.Step;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.MemberRole;
import io.pgnode.model.Lsn;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecoveryStepsTest {
    private static final int OLD = 3;
    private static final int NEW = 5;

    private static ClusterRecovery recovery(Step step, int timeline) {
        return new ClusterRecovery("r1", ONE, Map.of("type", "time"), step, timeline, "", 7);
    }

    private static Situation leader(Step step, int recoveryTimeline) {
        Situation s = Situation.leader();
        s.recovery = recovery(step, recoveryTimeline);
        s.timeline = OLD;
        return s;
    }

    private static Situation standby(Step step, int recoveryTimeline) {
        Situation s = new Situation();
        s.self = TWO;
        s.recovery = recovery(step, recoveryTimeline);
        s.timeline = OLD;
        return s;
    }

    private static Situation stopped(Situation s) {
        s.process = ProcessState.STOPPED;
        return s;
    }

    @Test
    void leaderStopsBeforeAnythingElse() {
        assertThat(leader(Step.STOP, 0).decide()).isInstanceOf(HaDecision.StopInstance.class);
    }

    @Test
    void stoppedLeaderWritesDownItsTimeline() {
        assertThat(stopped(leader(Step.STOP, 0)).decide())
                .isInstanceOfSatisfying(
                        HaDecision.ChangeRecovery.class,
                        change ->
                                assertThat(change.next())
                                        .isEqualTo(recovery(Step.STOP, 0).to(Step.RESTORE, OLD)));
    }

    @Test
    void leaderRestoresOnlyWithItsLease() {
        Situation s = stopped(leader(Step.RESTORE, OLD));
        assertThat(s.decide()).isEqualTo(new HaDecision.RestoreCluster(3, why("restoring")));
        s.lease = LeaseState.NONE;
        assertThat(s.decide()).isNotInstanceOf(HaDecision.RestoreCluster.class);
    }

    @Test
    void restoreThatFailedIsTriedAgainLater() {
        Situation s = stopped(leader(Step.RESTORE, OLD));
        s.workAfter = Situation.NOW + Situation.SECOND;
        assertThat(s.decide()).isInstanceOf(HaDecision.Wait.class);
    }

    @Test
    void unfinishedRestoreBeginsAgain() {
        Situation s = leader(Step.RESTORE, OLD);
        s.data = DataState.UNFINISHED;
        s.inRecovery = true;
        assertThat(s.decide()).isInstanceOf(HaDecision.StopInstance.class);
        assertThat(stopped(s).decide()).isInstanceOf(HaDecision.RestoreCluster.class);
    }

    @Test
    void leaderThatWasNotRestoredIsNeverStarted() {
        Situation s = stopped(leader(Step.RESTORE, OLD));
        s.workAfter = Situation.NOW + Situation.SECOND;
        assertThat(s.decide())
                .isNotInstanceOfAny(
                        HaDecision.StartPrimary.class,
                        HaDecision.StartStandby.class,
                        HaDecision.Lead.class);
    }

    @Test
    void restoredLeaderLetsTheOthersFollow() {
        Situation s = leader(Step.RESTORE, OLD);
        s.timeline = NEW;
        assertThat(s.decide())
                .isInstanceOfSatisfying(
                        HaDecision.ChangeRecovery.class,
                        change ->
                                assertThat(change.next())
                                        .isEqualTo(
                                                recovery(Step.RESTORE, OLD).to(Step.REBUILD, NEW)));
        assertThat(stopped(s).decide()).isInstanceOf(HaDecision.StartPrimary.class);
    }

    @Test
    void whoIsToBeRestoredTakesTheKeyWhateverItsDataIs() {
        for (Step step : new Step[] {Step.STOP, Step.RESTORE}) {
            Situation s = stopped(leader(step, OLD));
            s.leader = null;
            s.lease = LeaseState.NONE;
            s.data = DataState.UNFINISHED;
            assertThat(s.decide()).isInstanceOf(HaDecision.AcquireLeader.class);
        }
    }

    @Test
    void othersStopAndStayStopped() {
        for (Step step : new Step[] {Step.STOP, Step.RESTORE}) {
            Situation s = standby(step, OLD);
            assertThat(s.decide()).isInstanceOf(HaDecision.StopInstance.class);
            assertThat(stopped(s).decide()).isInstanceOf(HaDecision.Wait.class);
            s.leader = null;
            s.leaderAbsentSince = Situation.NOW - 100 * Situation.SECOND;
            assertThat(s.decide()).isInstanceOf(HaDecision.Wait.class);
        }
    }

    @Test
    void anotherLeaderHandsOver() {
        Situation s = leader(Step.STOP, 0);
        s.recovery = new ClusterRecovery("r1", TWO, Map.of(), Step.STOP, 0, "", 7);
        assertThat(s.decide()).isEqualTo(new HaDecision.StepDown(TWO, why("pg-2 is restored")));
    }

    @Test
    void othersGiveUpTheirDataOnceTheLeaderWrites() {
        Situation s = standby(Step.REBUILD, NEW);
        assertThat(s.decide()).isInstanceOf(HaDecision.StopInstance.class);
        assertThat(stopped(s).decide()).isInstanceOf(HaDecision.GiveUpData.class);
        s.data = DataState.UNFINISHED;
        assertThat(s.decide()).isInstanceOf(HaDecision.Clone.class);
    }

    @Test
    void whoWasMadeOfABackupMayReplayButNotLead() {
        Situation s = standby(Step.REBUILD, NEW);
        s.rebuiltFor = "r1";
        assertThat(s.decide()).isEqualTo(new HaDecision.Wait("following pg-1"));
        s.leader = null;
        s.leaderAbsentSince = Situation.NOW - 100 * Situation.SECOND;
        assertThat(s.decide()).isEqualTo(new HaDecision.Wait(why("not on timeline 5 yet")));
        s.rebuiltFor = "r0";
        assertThat(s.decide()).isInstanceOf(HaDecision.StopInstance.class);
    }

    @Test
    void nobodyWithTheOldDataRunsForLeader() {
        Situation s = standby(Step.REBUILD, NEW);
        s.leader = null;
        s.leaderAbsentSince = Situation.NOW - 100 * Situation.SECOND;
        assertThat(s.decide()).isInstanceOf(HaDecision.StopInstance.class);
    }

    @Test
    void leaderEndsTheRecoveryWhenEverybodyFollows() {
        Situation s = leader(Step.REBUILD, NEW);
        s.timeline = NEW;
        s.members.put(TWO, Situation.member(TWO, MemberRole.REPLICA, "running", Lsn.NONE, NEW));
        assertThat(s.decide()).isInstanceOf(HaDecision.Lead.class);
        s.members.put(THREE, Situation.member(THREE, MemberRole.REPLICA, "running", Lsn.NONE, NEW));
        assertThat(s.decide())
                .isEqualTo(new HaDecision.ChangeRecovery(null, why("every member follows")));
    }

    @Test
    void successorOfTheRestoredLeaderEndsItToo() {
        Situation s = leader(Step.REBUILD, NEW);
        s.self = TWO;
        s.leader = new LeaderKey(TWO, 1, 1, 1);
        s.timeline = NEW + 1;
        for (var member : new io.pgnode.model.MemberName[] {ONE, THREE}) {
            s.members.put(
                    member,
                    Situation.member(member, MemberRole.REPLICA, "running", Lsn.NONE, NEW + 1));
        }
        assertThat(s.decide()).isInstanceOf(HaDecision.ChangeRecovery.class);
    }

    private static String why(String what) {
        return "recovery r1: " + what;
    }
}
