package io.pgnode.ha;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterRecovery.Step;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * What a member does while the cluster is recovered to a point in time; see {@link
 * ClusterRecovery}.
 *
 * <p>The invariants: nobody but the member that is restored takes the leader key before it accepts
 * writes, and no other member's data is given up before that.
 */
final class RecoverySteps {
    private final ClusterRecovery recovery;
    private final ClusterView view;
    private final LocalState local;
    private final InstanceView instance;
    private final MemberName self;

    private RecoverySteps(ClusterRecovery recovery, ClusterView view, LocalState local) {
        this.recovery = recovery;
        this.view = view;
        this.local = local;
        this.instance = local.instance();
        this.self = local.self();
    }

    /**
     * Null when the member is to go on as it would without a recovery.
     *
     * @param mayWork false while work that failed is not to be tried again yet
     */
    static @Nullable HaDecision next(
            ClusterRecovery recovery, ClusterView view, LocalState local, boolean mayWork) {
        RecoverySteps steps = new RecoverySteps(recovery, view, local);
        if (recovery.step() == Step.REBUILD) {
            return steps.rebuild();
        }
        return recovery.leader().equals(local.self()) ? steps.lead(mayWork) : steps.keepAside();
    }

    private @Nullable HaDecision lead(boolean mayWork) {
        if (!view.isLeader(self)) {
            return view.leader() == null
                    ? new HaDecision.AcquireLeader(why("nobody else may lead"))
                    : stopped(why("waiting until " + view.leader().name() + " gives up the key"));
        }
        if (!local.lease().held()) {
            return null; // it is taken up as ever
        }
        if (isRestored()) {
            if (instance.data() == DataState.UNFINISHED) {
                return new HaDecision.AcceptData(why("recovered before the agent began"));
            }
            return instance.isPrimary()
                    ? new HaDecision.ChangeRecovery(
                            recovery.to(Step.REBUILD, instance.timeline()),
                            why("restored, timeline " + instance.timeline()))
                    : null; // it is started as ever
        }
        if (instance.process() != ProcessState.STOPPED) {
            return new HaDecision.StopInstance(why("stopping before the restore"));
        }
        return recovery.step() == Step.STOP
                ? new HaDecision.ChangeRecovery(
                        recovery.to(
                                Step.RESTORE,
                                Math.max(instance.timeline(), view.history().currentTimeline())),
                        why("stopped"))
                : restore(mayWork);
    }

    /**
     * It has begun a timeline that is newer than all before the restore, and may have accepted
     * commits there: it is never restored again, whatever became of who restored it.
     */
    private boolean isRestored() {
        if (recovery.step() != Step.RESTORE || instance.timeline() <= recovery.timeline()) {
            return false;
        }
        return switch (instance.data()) {
            case VALID -> true;
            case UNFINISHED ->
                    instance.wasPrimary() && instance.control() != ControlState.IN_ARCHIVE_RECOVERY;
            case EMPTY, UNUSABLE -> false;
        };
    }

    private HaDecision restore(boolean mayWork) {
        return mayWork
                ? new HaDecision.RestoreCluster(local.lease().epoch(), why("restoring"))
                : new HaDecision.Wait(why("waiting before the next attempt"));
    }

    private HaDecision keepAside() {
        if (view.isLeader(self) && local.lease().held()) {
            return instance.isPrimary()
                    ? new HaDecision.StepDown(
                            recovery.leader(), why(recovery.leader() + " is restored"))
                    : new HaDecision.Release(why(recovery.leader() + " is restored"));
        }
        return stopped(why("waiting for " + recovery.leader()));
    }

    private HaDecision stopped(String why) {
        return instance.process() == ProcessState.STOPPED
                ? new HaDecision.Wait(why)
                : new HaDecision.StopInstance(why);
    }

    private @Nullable HaDecision rebuild() {
        if (view.isLeader(self)) {
            boolean isOver =
                    instance.isPrimary()
                            && local.lease().held()
                            && view.members().values().stream().allMatch(this::isRebuilt);
            return isOver ? new HaDecision.ChangeRecovery(null, why("every member follows")) : null;
        }
        if (instance.data() != DataState.VALID || instance.timeline() >= recovery.timeline()) {
            return null;
        }
        if (local.memory().rebuiltFor().equals(recovery.id())) {
            // Made of a backup, it replays up to the new timeline; it must not lead before.
            return view.leader() == null
                    ? new HaDecision.Wait(why("not on timeline " + recovery.timeline() + " yet"))
                    : null;
        }
        return instance.process() == ProcessState.STOPPED
                ? new HaDecision.GiveUpData(
                        why("timeline " + instance.timeline() + " is not the cluster's any more"))
                : new HaDecision.StopInstance(why("stopping before the copy"));
    }

    private boolean isRebuilt(Member member) {
        return member.name().equals(self)
                || member.isRunning() && member.timeline() >= recovery.timeline();
    }

    private String why(String what) {
        return "recovery " + recovery.id() + ": " + what;
    }
}
