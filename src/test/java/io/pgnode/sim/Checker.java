package io.pgnode.sim;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.SyncMode;
import io.pgnode.ha.LeaseState;
import io.pgnode.model.MemberName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must hold after every event. */
final class Checker {
    private static final long MILLI = 1_000_000L;

    /** A kill takes a moment; the margin of the lease is longer. */
    private static final long KILL_NANOS = 400 * MILLI;

    /** What SimNode configures, less what clocks differ by. */
    private static final long SLOT_RETENTION = 29_000 * MILLI;

    /** A request to PostgreSQL that was decided before the view changed. */
    private static final long UNDER_WAY = 500 * MILLI;

    /**
     * Longer than this, or a lease, without anybody who has everything is a failover, which may
     * cost commits; a little less, for clocks do not run alike.
     */
    private static final long PATIENCE_BEHIND_HANDOFF = 4_500 * MILLI;

    private final SimCluster cluster;
    private final World world;
    private final Ledger ledger = new Ledger();
    private final Map<MemberName, Long> epochOfWrites = new HashMap<>();
    private final Map<MemberName, Long> leasedAt = new HashMap<>();
    private final Map<String, Long> slotOwnerLastSeen = new HashMap<>();
    private final Map<String, Long> slotOwnerBack = new HashMap<>();
    private long lastCommitNanos;
    private long worstGapNanos;
    private @Nullable ClusterView last;
    private @Nullable Handoff handoff;
    private long handedOverAt;
    private boolean operatorChose;
    private int promotions;
    private final Set<String> recovered = new HashSet<>();

    Checker(SimCluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
    }

    Ledger ledger() {
        return ledger;
    }

    int promotions() {
        return promotions;
    }

    long sinceLastCommitNanos() {
        return world.nowNanos() - lastCommitNanos;
    }

    /** The longest time without an acknowledged commit since this was last asked. */
    long takeWorstGapNanos() {
        long worst = worstGapNanos;
        worstGapNanos = 0;
        return worst;
    }

    // ---------------------------------------------------------------- after every event

    @SuppressWarnings("ReferenceEquality") // the view is replaced as a whole
    void check() {
        ClusterView view = cluster.dcs().view();
        if (view != last) {
            noteChange(view);
            last = view;
        }
        SimNode writable = null;
        for (SimNode node : cluster.nodes()) {
            if (!node.instance().acceptsWrites()) {
                continue;
            }
            if (writable != null) {
                world.violated(
                        "two members accept writes: " + writable.name() + " and " + node.name());
            }
            writable = node;
        }
        if (writable != null) {
            checkPrimary(writable, view);
            checkGateways(writable);
        }
    }

    /** No gateway sends writes to its own member while another one may have accepted some. */
    private void checkGateways(SimNode writable) {
        for (SimNode node : cluster.nodes()) {
            if (node != writable && node.gateway().trusts(node.name(), node.clock().nanos())) {
                world.violated(
                        "the gateway of "
                                + node.name()
                                + " takes it for the primary, and "
                                + writable.name()
                                + " accepts writes");
            }
        }
    }

    private void checkPrimary(SimNode node, ClusterView view) {
        MemberName name = node.name();
        ClusterRecovery recovery = view.recovery();
        if (recovery != null
                && recovery.step() == ClusterRecovery.Step.RESTORE
                && (!recovery.leader().equals(name)
                        || node.instance().wal().timeline() <= recovery.timeline())) {
            world.violated(name + " accepts writes before the cluster is recovered");
        }
        if (view.leader() != null && !view.isLeader(name)) {
            world.violated(name + " accepts writes while " + view.leader().name() + " leads");
        }
        if (!hasDeadline(node) && !view.suspension().names(name)) {
            world.violated(name + " accepts writes after its deadline");
        }
        if (view.settings().synchronousMode() != SyncMode.OFF
                && name.equals(view.sync().leader())) {
            for (MemberName standby : view.sync().standbys()) {
                if (!node.instance().effectiveNames().alwaysWaitsFor(standby.value())) {
                    world.violated(
                            "the sync key names "
                                    + standby
                                    + ", but commits wait for '"
                                    + node.instance().effectiveNamesText()
                                    + "'");
                }
            }
        }
    }

    private boolean hasDeadline(SimNode node) {
        long now = node.clock().nanos();
        boolean guarded = node.guard().isArmed() && now - node.guard().deadlineNanos() < KILL_NANOS;
        LeaseState lease = node.ha() == null ? LeaseState.NONE : node.ha().leaseState();
        if (guarded || lease.held() && now - lease.deadlineNanos() < KILL_NANOS) {
            leasedAt.put(node.name(), world.nowNanos());
            return true;
        }
        // Just lost, being killed now; two primaries are watched for apart from this.
        return world.nowNanos() - leasedAt.getOrDefault(node.name(), 0L) < KILL_NANOS;
    }

    // ---------------------------------------------------------------- the store changed

    private void noteChange(ClusterView view) {
        ClusterView before = last == null ? ClusterView.EMPTY : last;
        // Who was there before the change was there until now.
        before.members()
                .keySet()
                .forEach(name -> slotOwnerLastSeen.put(name.slotName(), world.nowNanos()));
        view.members().keySet().forEach(name -> noteSlotOwner(name.slotName()));
        if (view.settings().synchronousMode() == SyncMode.OFF) {
            ledger.forgetGuarantees();
        }
        if (view.epoch() < before.epoch()) {
            world.violated("the epoch went back from " + before.epoch() + " to " + view.epoch());
        }
        boolean acquired =
                view.leader() != null
                        && (before.leader() == null
                                || before.leader().createRevision()
                                        != view.leader().createRevision());
        if (acquired && view.leader() != null) {
            world.trace("dcs: leader is " + view.leader().name() + ", epoch " + view.epoch());
            if (cluster.node(view.leader().name()).instance().acceptsWrites()) {
                // It goes on from a pause.
                epochOfWrites.put(view.leader().name(), view.epoch());
            }
            handoff = before.handoff();
            operatorChose =
                    before.switchover() != null
                            && before.switchover().isFailover()
                            && view.leader().name().equals(before.switchover().candidate());
        }
        if (view.handoff() != null && !view.handoff().equals(before.handoff())) {
            handedOverAt = world.nowNanos();
        }
        if (view.leader() == null && before.leader() != null) {
            world.trace("dcs: leader " + before.leader().name() + " is gone");
        }
        if (!view.sync().equals(before.sync())) {
            world.trace("dcs: sync " + view.sync().leader() + view.sync().standbys());
        }
        checkSyncWriter(view, before);
    }

    /** Only the leader of the time writes leader's keys. */
    private void checkSyncWriter(ClusterView view, ClusterView before) {
        MemberName writer = view.sync().leader();
        if (view.sync().modRevision() != before.sync().modRevision()
                && writer != null
                && !view.isLeader(writer)) {
            world.violated(writer + " wrote the sync key although it does not lead");
        }
    }

    /** The cluster is settled: what was promised is in everybody's WAL. */
    void settled() {
        SimNode primary = cluster.primary();
        for (SimNode node : cluster.nodes()) {
            int different =
                    primary == null
                            ? -1
                            : node.instance().wal().firstDifference(primary.instance().wal());
            if (different >= 0) {
                world.violated(
                        "in the end "
                                + node.name()
                                + " holds a record that the primary never wrote at "
                                + Wal.lsn(different));
            }
        }
        for (SimNode node : cluster.nodes()) {
            if (node.instance().acceptsWrites()) {
                String lost = ledger.missingGuaranteed(node.instance().wal());
                if (lost != null) {
                    world.violated("in the end " + node.name() + " misses " + lost);
                }
            }
        }
    }

    // ---------------------------------------------------------------- commits

    void accepting(SimInstance instance) {
        promotions++;
        epochOfWrites.put(instance.name(), cluster.dcs().view().epoch());
        leasedAt.put(instance.name(), world.nowNanos());
        ClusterRecovery recovery = cluster.dcs().view().recovery();
        String recoveryId =
                recovery != null
                                && recovery.leader().equals(instance.name())
                                && instance.wal().timeline() > recovery.timeline()
                        ? recovery.id()
                        : "";
        if (operatorChose || !recoveryId.isEmpty() && recovered.add(recoveryId)) {
            ledger.dropMissing(instance.wal());
        } else if (!recoveryId.isEmpty()) {
            String undone = ledger.missingRecent(instance.wal());
            if (undone != null) {
                world.violated(
                        instance.name() + " was restored again, and lost " + undone + " by that");
            }
        }
        String lost = ledger.missingGuaranteed(instance.wal());
        if (lost != null) {
            world.violated(instance.name() + " became primary without " + lost);
        }
        // Later it is a failover, also to the heir.
        long lease = cluster.dcs().view().settings().ttl().toNanos();
        boolean isSwitchover =
                handoff != null
                        && handoff.to() != null
                        && world.nowNanos() - handedOverAt
                                < Math.max(PATIENCE_BEHIND_HANDOFF, lease / 10 * 9);
        if (isSwitchover) {
            String dropped = ledger.missingRecent(instance.wal());
            if (dropped != null) {
                world.violated("the switchover to " + instance.name() + " lost " + dropped);
            }
        }
        handoff = null;
        ledger.newPrimary();
    }

    void acknowledged(SimInstance instance, int index, Wal.Rec rec) {
        ClusterView view = cluster.dcs().view();
        MemberName name = instance.name();
        long epoch = epochOfWrites.getOrDefault(name, 0L);
        if (view.epoch() != epoch && !view.isLeader(name)) {
            world.violated(
                    name + " acknowledged in epoch " + epoch + ", the newest is " + view.epoch());
        }
        boolean guaranteed =
                view.settings().synchronousMode() != SyncMode.OFF
                        && name.equals(view.sync().leader());
        ledger.acknowledged(instance, index, rec, guaranteed);
        if (lastCommitNanos != 0) {
            worstGapNanos = Math.max(worstGapNanos, sinceLastCommitNanos());
        }
        lastCommitNanos = world.nowNanos();
    }

    // ---------------------------------------------------------------- slots

    private void noteSlotOwner(String slot) {
        long now = world.nowNanos();
        Long seen = slotOwnerLastSeen.put(slot, now);
        if (seen != null && now - seen > SLOT_RETENTION) {
            slotOwnerBack.put(slot, now);
        }
    }

    void dropping(MemberName on, String slot) {
        long seen = slotOwnerLastSeen.getOrDefault(slot, 0L);
        // Whose retention had ended may come back while the leader drops its slot.
        long back = slotOwnerBack.getOrDefault(slot, -UNDER_WAY);
        boolean wasDue = world.nowNanos() - back < UNDER_WAY;
        if (world.nowNanos() - seen < 10_000 * MILLI && !wasDue) {
            world.violated(on + " drops slot " + slot + " although its member exists");
        }
    }
}
