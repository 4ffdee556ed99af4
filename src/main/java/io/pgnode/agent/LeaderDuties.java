package io.pgnode.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.InstanceView;
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
import java.util.Set;
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
    private final SlotOwners slotOwners = new SlotOwners();

    private long epoch;
    private boolean busy;
    private boolean unsettled;
    private @Nullable NamesChange namesChange;

    /**
     * The last change of synchronous_standby_names.
     *
     * @param names what it became
     * @param position flushed when that had taken effect
     */
    private record NamesChange(String names, Lsn position) {}

    /**
     * What we know of our last write of the sync key. Names may only be taken from
     * synchronous_standby_names while it is known what the key says.
     */
    private enum KeyWrite {
        /** The view shows it. */
        KNOWN,
        /** It was applied, or refused because the key is another one; the view will show it. */
        UNSEEN,
        /** No answer came. */
        UNKNOWN
    }

    private KeyWrite keyWrite = KeyWrite.KNOWN;
    private long keyBasis;
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

    /**
     * Members that there are, also while somebody else leads or our instance does not run.
     *
     * @param isAfterGap there was no view for some time
     */
    void noteMembers(ClusterView view, boolean isAfterGap) {
        slotOwners.note(view, isAfterGap, loop.nanos());
    }

    /** The next step; nothing while the last one is under way. */
    void run(ClusterView view, InstanceView instance, long currentEpoch) {
        if (epoch != currentEpoch) {
            epoch = currentEpoch;
            namesChange = null;
            keyWrite = KeyWrite.KNOWN;
            writtenPosition = Lsn.NONE;
            writtenHistoryFor = 0;
            unsettled = false;
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

    /** The DCS lost it: what the cluster ran with is better than what it began with. */
    private String configToWrite(String kept) {
        if (isObject(kept)) {
            LOG.warn("the config key is gone, writing the configuration that was kept");
            return kept;
        }
        return settings.initialConfig();
    }

    private static boolean isObject(String json) {
        try {
            return !json.isBlank() && new ObjectMapper().readTree(json).isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private @Nullable CompletableFuture<?> nextStep(ClusterView view, InstanceView instance) {
        if (view.config() == null) {
            return loop.hop(postgres.keptConfig())
                    .thenCompose(kept -> store.writeConfig(configToWrite(kept), 0));
        }
        InitializeKey initialize = view.initialize();
        if ((initialize == null || initialize.isBootstrapping())
                && !instance.systemId().isEmpty()) {
            return store.finishBootstrap(
                    initialize == null ? 0 : initialize.leaseId(), instance.systemId());
        }
        CompletableFuture<?> sync = syncStep(view, instance);
        if (sync != null) {
            return sync;
        }
        if (instance.timeline() > Math.max(1, view.claim().timeline())) {
            // Begun by somebody who claims nothing, or PostgreSQL found later ones in its archive.
            return store.claimTimeline(self, epoch, instance.timeline(), view.claim());
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
        if (keyWrite != KeyWrite.KNOWN && view.sync().modRevision() != keyBasis) {
            keyWrite = KeyWrite.KNOWN;
        }
        if (keyWrite == KeyWrite.UNSEEN) {
            return null;
        }
        if (keyWrite == KeyWrite.UNKNOWN) {
            // It may say more names than our view does. Written again it is known: the comparison
            // of the revision lets only one of the two through.
            Set<MemberName> seen =
                    self.equals(view.sync().leader()) ? view.sync().standbys() : Set.of();
            return writeKey(view, seen);
        }
        if (namesChange != null
                && !namesChange.names().equals(instance.synchronousStandbyNames())) {
            // Seen before that change, or changed by somebody else since: either way nobody who is
            // synchronous in this view must be so in truth.
            namesChange = null;
        }
        SyncPlan.Step step =
                SyncPlan.next(
                        self,
                        view,
                        instance.replication(),
                        instance.flushLsn(),
                        instance.synchronousStandbyNames(),
                        namesChange == null ? null : namesChange.position());
        return switch (step) {
            case SyncPlan.Step.Done done -> null;
            case SyncPlan.Step.DeleteKey delete ->
                    store.deleteSync(self, epoch, view.sync().modRevision());
            case SyncPlan.Step.WriteKey write -> writeKey(view, write.standbys());
            case SyncPlan.Step.SetNames set -> {
                LOG.infof("synchronous_standby_names becomes '%s' epoch=%d", set.value(), epoch);
                yield loop.hop(postgres.setSynchronousStandbyNames(set.value()))
                        .thenAccept(
                                position -> namesChange = new NamesChange(set.value(), position));
            }
        };
    }

    private CompletableFuture<Boolean> writeKey(ClusterView view, Set<MemberName> standbys) {
        LOG.infof("synchronous standbys are now %s epoch=%d", standbys, epoch);
        keyBasis = view.sync().modRevision();
        keyWrite = KeyWrite.UNKNOWN;
        return loop.hop(store.writeSync(self, epoch, standbys, 0, keyBasis))
                .thenApply(
                        written -> {
                            keyWrite = KeyWrite.UNSEEN;
                            return written;
                        });
    }

    private @Nullable CompletableFuture<?> historyStep(ClusterView view, InstanceView instance) {
        int timeline = instance.timeline();
        if (timeline <= 1 || writtenHistoryFor == timeline || isOurs(view.history(), timeline)) {
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
                                                TimelineHistory.withSkipped(entries, timeline),
                                                view.settings().maxTimelinesHistory())))
                .thenApply(
                        written -> {
                            if (written) {
                                writtenHistoryFor = timeline;
                            }
                            return written;
                        });
    }

    /**
     * Whether the history ends with our timeline, and does not say that somebody else began it: who
     * did so at the same position before us must find out that it was not him.
     */
    private boolean isOurs(TimelineHistory history, int timeline) {
        if (history.currentTimeline() != timeline) {
            return false;
        }
        String began = history.entries().getLast().newLeader();
        return began.isEmpty() || began.equals(self.value());
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
        return SlotPlan.of(
                self,
                view,
                instance.slots(),
                slotOwners.lastSeen(),
                loop.nanos(),
                settings.slotRetention().toNanos());
    }

    private Map<MemberName, String> failsafeMembers(ClusterView view) {
        Map<MemberName, String> members = new TreeMap<>();
        if (view.settings().failsafeMode()) {
            view.members().values().forEach(member -> members.put(member.name(), member.apiUrl()));
            // Also while our own key is gone: who is not named here may never run.
            members.put(self, settings.apiUrl());
        }
        return members;
    }
}
