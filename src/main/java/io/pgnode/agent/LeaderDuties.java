package io.pgnode.agent;

import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.ha.SlotPlan;
import io.pgnode.ha.SyncPlan;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a leader keeps in order while it leads: initialize and config keys, synchronous standbys,
 * slots, status, history, the failsafe members. Confined to the agent's loop. One step at a time;
 * every write compares leader and epoch.
 */
final class LeaderDuties {
    private static final Logger LOG = Logger.getLogger(LeaderDuties.class);

    private final Loop loop;
    private final ClusterStore store;
    private final Postgres postgres;
    private final AgentSettings settings;
    private final MemberName self;
    private final Map<String, Long> slotLastSeen = new HashMap<>();

    private long epoch;
    private boolean busy;
    private boolean unsettled;
    private @Nullable Lsn namesChangedAt;
    private Lsn writtenPosition = Lsn.NONE;
    private int writtenHistoryFor;
    private long failedUntilNanos;

    LeaderDuties(Loop loop, ClusterStore store, Postgres postgres, AgentSettings settings) {
        this.loop = loop;
        this.store = store;
        this.postgres = postgres;
        this.settings = settings;
        this.self = settings.self();
    }

    /** Whether another step should follow soon. */
    boolean isUnsettled() {
        return busy || unsettled;
    }

    /** The next step; nothing while the last one is under way. */
    void run(ClusterView view, InstanceView instance, long currentEpoch) {
        if (epoch != currentEpoch) {
            epoch = currentEpoch;
            namesChangedAt = null;
            writtenPosition = Lsn.NONE;
            writtenHistoryFor = 0;
            unsettled = false;
            // What an earlier time as leader remembers says nothing about the time between.
            slotLastSeen.replaceAll((slot, seen) -> loop.nanos());
        }
        if (busy || view.epoch() != epoch || loop.nanos() - failedUntilNanos < 0) {
            return;
        }
        CompletableFuture<?> step = nextStep(view, instance);
        unsettled = step != null;
        if (step == null) {
            return;
        }
        busy = true;
        loop.hop(step)
                .whenComplete(
                        (done, failure) -> {
                            busy = false;
                            if (failure != null || Boolean.FALSE.equals(done)) {
                                failedUntilNanos =
                                        loop.nanos() + view.settings().loopWait().toNanos() / 2;
                            }
                            if (failure != null) {
                                LOG.warnf(
                                        "a duty of the leader failed epoch=%d: %s",
                                        epoch, Loop.message(failure));
                            }
                        });
    }

    private @Nullable CompletableFuture<?> nextStep(ClusterView view, InstanceView instance) {
        if (view.config() == null) {
            return store.writeConfig(settings.initialConfig(), 0);
        }
        if (view.initialize() == null && !instance.systemId().isEmpty()) {
            return store.finishBootstrap(0, instance.systemId());
        }
        CompletableFuture<?> sync = syncStep(view, instance);
        if (sync != null) {
            return sync;
        }
        CompletableFuture<?> history = historyStep(view, instance);
        if (history != null) {
            return history;
        }
        SlotPlan slots = slotPlan(view, instance);
        if (!slots.isEmpty()) {
            return postgres.changeSlots(slots.create(), slots.drop());
        }
        Map<MemberName, String> failsafe = failsafeMembers(view);
        if (!failsafe.equals(view.failsafe())) {
            return store.writeFailsafe(self, epoch, failsafe);
        }
        if (!instance.flushLsn().equals(writtenPosition)) {
            Lsn position = instance.flushLsn();
            writtenPosition = position;
            CompletableFuture<Boolean> write =
                    store.writeStatus(
                            self, epoch, new ClusterStatus(position, Map.of(), List.of()));
            // The position moves with every write of a client: no reason to come back sooner than
            // the next cycle.
            loop.hop(write).whenComplete((done, failure) -> unsettled = false);
            return write;
        }
        return null;
    }

    private @Nullable CompletableFuture<?> syncStep(ClusterView view, InstanceView instance) {
        SyncPlan.Step step =
                SyncPlan.next(
                        self,
                        view,
                        instance.replication(),
                        instance.flushLsn(),
                        instance.synchronousStandbyNames(),
                        namesChangedAt);
        return switch (step) {
            case SyncPlan.Step.Done done -> null;
            case SyncPlan.Step.DeleteKey delete ->
                    store.deleteSync(self, epoch, view.sync().modRevision());
            case SyncPlan.Step.WriteKey write -> {
                LOG.infof("synchronous standbys are now %s epoch=%d", write.standbys(), epoch);
                yield store.writeSync(self, epoch, write.standbys(), 0, view.sync().modRevision());
            }
            case SyncPlan.Step.SetNames set -> {
                LOG.infof("synchronous_standby_names becomes '%s' epoch=%d", set.value(), epoch);
                yield loop.hop(postgres.setSynchronousStandbyNames(set.value()))
                        .thenAccept(position -> namesChangedAt = position);
            }
        };
    }

    private @Nullable CompletableFuture<?> historyStep(ClusterView view, InstanceView instance) {
        int timeline = instance.timeline();
        if (timeline <= 1
                || writtenHistoryFor == timeline
                || view.history().currentTimeline() == timeline) {
            return null;
        }
        return loop.hop(postgres.timelineHistory())
                .thenCompose(
                        entries ->
                                store.writeHistory(
                                        self,
                                        epoch,
                                        merge(
                                                view.history(),
                                                entries,
                                                view.settings().maxTimelinesHistory())))
                .thenApply(
                        written -> {
                            if (written) {
                                writtenHistoryFor = timeline;
                            }
                            return written;
                        });
    }

    /** Old lines keep their time and leader; new ones get ours. */
    private TimelineHistory merge(
            TimelineHistory old, List<TimelineHistory.Entry> entries, int limit) {
        Map<Integer, TimelineHistory.Entry> known = new HashMap<>();
        old.entries().forEach(entry -> known.put(entry.timeline(), entry));
        List<TimelineHistory.Entry> merged = new ArrayList<>();
        for (TimelineHistory.Entry entry : entries) {
            TimelineHistory.Entry before = known.get(entry.timeline());
            boolean sameSwitch = before != null && before.switchLsn().equals(entry.switchLsn());
            // The last switch is ours, even where somebody before us branched off at the same
            // position.
            boolean isLast = entry.equals(entries.getLast());
            if (before != null
                    && sameSwitch
                    && (!isLast || before.newLeader().equals(self.value()))) {
                merged.add(before);
            } else {
                merged.add(
                        new TimelineHistory.Entry(
                                entry.timeline(),
                                entry.switchLsn(),
                                entry.reason(),
                                isLast ? loop.wallClock().toString() : entry.timestamp(),
                                isLast ? self.value() : entry.newLeader()));
            }
        }
        if (limit > 0 && merged.size() > limit) {
            merged = merged.subList(merged.size() - limit, merged.size());
        }
        return new TimelineHistory(merged, old.modRevision());
    }

    private SlotPlan slotPlan(ClusterView view, InstanceView instance) {
        long now = loop.nanos();
        for (Member member : view.members().values()) {
            slotLastSeen.put(member.name().slotName(), now);
        }
        return SlotPlan.of(
                self,
                view,
                instance.slots(),
                slotLastSeen,
                now,
                settings.slotRetention().toNanos());
    }

    private Map<MemberName, String> failsafeMembers(ClusterView view) {
        Map<MemberName, String> members = new TreeMap<>();
        if (view.settings().failsafeMode()) {
            view.members().values().forEach(member -> members.put(member.name(), member.apiUrl()));
        }
        return members;
    }
}
