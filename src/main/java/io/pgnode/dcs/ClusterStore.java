package io.pgnode.dcs;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.dcs.Dcs.Compare;
import io.pgnode.dcs.Dcs.KeyValue;
import io.pgnode.dcs.Dcs.Op;
import io.pgnode.dcs.Dcs.Txn;
import io.pgnode.dcs.Dcs.TxnResult;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One cluster's keys in the DCS, under {@code <namespace>/<scope>/}, in Patroni's names and
 * formats.
 *
 * <p>Every write that only the leader may do is one transaction that compares the leader key and
 * the epoch, so that a former leader changes nothing. Completes with {@code false} when the
 * comparison failed: nothing was written. Futures fail with {@link DcsException}. Thread-safe;
 * completes on the store's threads.
 *
 * <p>A failure of kind {@link DcsException.Kind#UNKNOWN} leaves open whether a write was applied:
 * {@link #read} tells. For {@link #acquireLeader} that means: the key was taken when the leader is
 * this member <em>on the same lease</em> and the epoch is one more than in the view it raced with.
 */
public final class ClusterStore {
    /** A running subscription; closing it twice is harmless. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Receives every new view, revisions increasing (unless the store itself lost its data). Called
     * on a thread of the store.
     */
    public interface Listener {
        void onView(ClusterView view);

        /** Views stop for now; the store resumes by itself. */
        void onInterrupted(DcsException why);
    }

    /** Runs something later, when a subscription has to try again. */
    public interface Delayer {
        void after(Duration delay, Runnable task);
    }

    private final Dcs dcs;
    private final ClusterKeys keys;
    private final Duration timeout;
    private final Delayer delayer;

    /**
     * @param namespace such as {@code /service}
     * @param timeout of every call but {@link #keepAlive}
     */
    public ClusterStore(Dcs dcs, String namespace, String scope, Duration timeout) {
        this(dcs, namespace, scope, timeout, ClusterStore::delayByJdk);
    }

    public ClusterStore(
            Dcs dcs, String namespace, String scope, Duration timeout, Delayer delayer) {
        this.dcs = dcs;
        this.keys = new ClusterKeys(namespace, scope);
        this.timeout = timeout;
        this.delayer = delayer;
    }

    private static void delayByJdk(Duration delay, Runnable task) {
        CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(task);
    }

    /** What the keys of a cluster start with, with slashes at both ends. */
    public static String prefix(String namespace, String scope) {
        return new ClusterKeys(namespace, scope).prefix();
    }

    /** Linearizable read of all keys. */
    public CompletableFuture<ClusterView> read() {
        return dcs.range(keys.prefix(), timeout).thenApply(range -> ViewBuilder.view(keys, range));
    }

    /**
     * First the current view, then one per change; resumes by revision, re-reads after compaction.
     */
    public Subscription watch(Listener listener) {
        ClusterWatch watch = new ClusterWatch(dcs, keys, timeout, delayer, listener);
        watch.start();
        return watch;
    }

    public CompletableFuture<Long> grantLease(Duration ttl) {
        return dcs.grantLease(ttl, timeout);
    }

    /** Renews once, by {@code timeout} at the latest; see {@link Dcs#keepAlive}. */
    public CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout) {
        return dcs.keepAlive(leaseId, timeout);
    }

    public CompletableFuture<Void> revokeLease(long leaseId) {
        return dcs.revokeLease(leaseId, timeout);
    }

    /**
     * Takes the leader key: it must not exist, and the epoch must still be {@code seen.epoch()}.
     * Raises the epoch by one in the same transaction and removes the handoff. Completes with the
     * new epoch, or null when somebody else was first. When {@code seen} has a sync key, that must
     * not have changed either: it says who may be promoted without loss. The suspension must be as
     * in {@code seen} too, and stays when it names {@code self}: until its deadline holds
     * somewhere, nothing else keeps the others away.
     *
     * <p>After a failure of kind UNKNOWN, {@link #read}; see the class.
     */
    public CompletableFuture<@Nullable Long> acquireLeader(
            MemberName self, long leaseId, ClusterView seen) {
        long epoch = seen.epoch() + 1;
        List<Compare> compares = new ArrayList<>();
        compares.add(new Compare.Absent(keys.key(ClusterKeys.LEADER)));
        compares.add(
                seen.epoch() == 0
                        ? new Compare.Absent(keys.key(ClusterKeys.EPOCH))
                        : new Compare.ValueIs(
                                keys.key(ClusterKeys.EPOCH), Long.toString(seen.epoch())));
        if (seen.sync().modRevision() != 0) {
            compares.add(at(ClusterKeys.SYNC, seen.sync().modRevision()));
        }
        compares.add(at(ClusterKeys.SUSPENSION, seen.suspension().modRevision()));
        List<Op> ops = new ArrayList<>();
        ops.add(new Op.Put(keys.key(ClusterKeys.LEADER), self.value(), leaseId));
        ops.add(put(ClusterKeys.EPOCH, Long.toString(epoch)));
        ops.add(put(ClusterKeys.LEADER_INFO, ClusterCodec.encodeLeaderInfo(self, epoch, leaseId)));
        ops.add(delete(ClusterKeys.HANDOFF));
        if (seen.suspension().isAgainst(self)) {
            ops.add(delete(ClusterKeys.SUSPENSION));
        }
        return dcs.txn(new Txn(compares, ops), timeout)
                .thenApply(result -> result.succeeded() ? (Long) epoch : null);
    }

    /**
     * Deletes our leader key and the suspension, and in the same transaction leaves {@code handoff}
     * and clears the switchover request when {@code clearSwitchover}. Leader only, and its
     * PostgreSQL must not accept writes.
     */
    public CompletableFuture<Boolean> releaseLeader(
            MemberName self, long epoch, @Nullable Handoff handoff, boolean clearSwitchover) {
        List<Op> ops = new ArrayList<>();
        ops.add(delete(ClusterKeys.LEADER));
        ops.add(delete(ClusterKeys.SUSPENSION));
        if (handoff != null) {
            ops.add(put(ClusterKeys.HANDOFF, ClusterCodec.encodeHandoff(handoff)));
        }
        if (clearSwitchover) {
            ops.add(delete(ClusterKeys.FAILOVER));
        }
        return apply(leads(self, epoch), ops);
    }

    /** Puts our member key. */
    public CompletableFuture<Boolean> writeMember(MemberName self, String json, long leaseId) {
        return apply(List.of(), List.of(new Op.Put(keys.member(self), json, leaseId)));
    }

    public CompletableFuture<Boolean> deleteMember(MemberName self) {
        return apply(List.of(), List.of(new Op.Delete(keys.member(self))));
    }

    /** Leader only. */
    public CompletableFuture<Boolean> writeStatus(
            MemberName self, long epoch, ClusterStatus status) {
        return apply(
                leads(self, epoch),
                List.of(put(ClusterKeys.STATUS, ClusterCodec.encodeStatus(status))));
    }

    /** Leader only, and the sync key must be at {@code expectedModRevision} (zero: absent). */
    public CompletableFuture<Boolean> writeSync(
            MemberName self,
            long epoch,
            Set<MemberName> standbys,
            int quorum,
            long expectedModRevision) {
        return apply(
                leads(self, epoch, at(ClusterKeys.SYNC, expectedModRevision)),
                List.of(put(ClusterKeys.SYNC, ClusterCodec.encodeSync(self, standbys, quorum))));
    }

    /** Leader only. Removes the sync key; it must be at {@code expectedModRevision}. */
    public CompletableFuture<Boolean> deleteSync(
            MemberName self, long epoch, long expectedModRevision) {
        return apply(
                leads(self, epoch, at(ClusterKeys.SYNC, expectedModRevision)),
                List.of(delete(ClusterKeys.SYNC)));
    }

    /** Leader only. */
    public CompletableFuture<Boolean> writeHistory(
            MemberName self, long epoch, TimelineHistory history) {
        return apply(
                leads(self, epoch),
                List.of(put(ClusterKeys.HISTORY, ClusterCodec.encodeHistory(history))));
    }

    /**
     * Claims {@code timeline} for the promotion that follows. Leader only, and nobody may have
     * claimed anything since {@code seen}: two promotions never get the same number.
     *
     * @param seen the claim from which the number was reckoned
     */
    public CompletableFuture<Boolean> claimTimeline(
            MemberName self, long epoch, int timeline, TimelineClaim seen) {
        return apply(
                leads(self, epoch, at(ClusterKeys.TIMELINE, seen.modRevision())),
                List.of(
                        put(
                                ClusterKeys.TIMELINE,
                                ClusterCodec.encodeClaim(self, epoch, timeline))));
    }

    /**
     * Says that we may go on without a lease from now on; see {@link io.pgnode.cluster.Suspension}.
     * Leader only. Always a new revision, so that a deletion still under way does not meet it.
     */
    public CompletableFuture<Boolean> writeSuspension(MemberName self, long epoch) {
        return apply(
                leads(self, epoch),
                List.of(put(ClusterKeys.SUSPENSION, ClusterCodec.encodeSuspension(self, epoch))));
    }

    /** Deletes the suspension; it must be at {@code expectedModRevision}. */
    public CompletableFuture<Boolean> deleteSuspension(long expectedModRevision) {
        return apply(
                List.of(at(ClusterKeys.SUSPENSION, expectedModRevision)),
                List.of(delete(ClusterKeys.SUSPENSION)));
    }

    /** Leader only. An empty map removes the key. */
    public CompletableFuture<Boolean> writeFailsafe(
            MemberName self, long epoch, Map<MemberName, String> members) {
        return apply(
                leads(self, epoch),
                List.of(
                        members.isEmpty()
                                ? delete(ClusterKeys.FAILSAFE)
                                : put(ClusterKeys.FAILSAFE, ClusterCodec.encodeFailsafe(members))));
    }

    /**
     * Creates the empty initialize key on our lease, so that a bootstrap that dies frees it; false
     * when it exists.
     */
    public CompletableFuture<Boolean> beginBootstrap(long leaseId) {
        String key = keys.key(ClusterKeys.INITIALIZE);
        return apply(List.of(new Compare.Absent(key)), List.of(new Op.Put(key, "", leaseId)));
    }

    /**
     * Writes the system identifier without a lease; the key must be absent, or empty on {@code
     * leaseId}. True as well when it already holds this identifier. Reads, then writes: takes up to
     * twice the timeout.
     */
    public CompletableFuture<Boolean> finishBootstrap(long leaseId, String systemId) {
        return changeInitialize(leaseId, systemId, put(ClusterKeys.INITIALIZE, systemId));
    }

    /**
     * Deletes the empty initialize key of {@code leaseId}; true as well when there is none. Reads,
     * then writes: takes up to twice the timeout.
     */
    public CompletableFuture<Boolean> cancelBootstrap(long leaseId) {
        return changeInitialize(leaseId, null, delete(ClusterKeys.INITIALIZE));
    }

    private CompletableFuture<Boolean> changeInitialize(
            long leaseId, @Nullable String goal, Op change) {
        return pairAt(change.key())
                .thenCompose(
                        now -> {
                            if (now != null && now.value().equals(goal)) {
                                return CompletableFuture.completedFuture(true);
                            }
                            if (now != null
                                    && (!now.value().isEmpty() || now.leaseId() != leaseId)) {
                                return CompletableFuture.completedFuture(false);
                            }
                            return apply(List.of(unchanged(change.key(), now)), List.of(change));
                        });
    }

    /** Replaces the config key at {@code expectedModRevision} (zero: absent). */
    public CompletableFuture<Boolean> writeConfig(String json, long expectedModRevision) {
        return apply(
                List.of(at(ClusterKeys.CONFIG, expectedModRevision)),
                List.of(put(ClusterKeys.CONFIG, json)));
    }

    /**
     * Replaces the failover key at {@code expectedModRevision}; null deletes it. Zero stands for no
     * request: the key is absent or empty, as Patroni leaves it. With zero it reads, then writes,
     * and takes up to twice the timeout.
     */
    public CompletableFuture<Boolean> writeSwitchover(
            @Nullable SwitchoverRequest request, long expectedModRevision) {
        Op change =
                request == null
                        ? delete(ClusterKeys.FAILOVER)
                        : put(ClusterKeys.FAILOVER, ClusterCodec.encodeSwitchover(request));
        if (expectedModRevision != 0) {
            return apply(List.of(at(ClusterKeys.FAILOVER, expectedModRevision)), List.of(change));
        }
        return pairAt(change.key())
                .thenCompose(
                        now ->
                                now != null && !ClusterCodec.isEmptySwitchover(now.value())
                                        ? CompletableFuture.completedFuture(false)
                                        : apply(
                                                List.of(unchanged(change.key(), now)),
                                                List.of(change)));
    }

    /**
     * Begins a recovery of the whole cluster, changes how far it is, or ends it (null). The key
     * must be at {@code expectedModRevision} (zero: absent). With the first write on the new
     * timeline a full backup is asked for: the newest one may be of what was given up.
     */
    public CompletableFuture<Boolean> writeRecovery(
            @Nullable ClusterRecovery recovery, long expectedModRevision) {
        List<Op> ops = new ArrayList<>();
        ops.add(
                recovery == null
                        ? delete(ClusterKeys.RECOVERY)
                        : put(ClusterKeys.RECOVERY, ClusterCodec.encodeRecovery(recovery)));
        if (recovery != null && recovery.step() == ClusterRecovery.Step.REBUILD) {
            ops.add(put(ClusterKeys.WANTED_BACKUP, ClusterCodec.encodeWantedBackup(recovery)));
        }
        return apply(List.of(at(ClusterKeys.RECOVERY, expectedModRevision)), ops);
    }

    /** Deletes every key of the cluster, ours included. For an operator's explicit command only. */
    public CompletableFuture<Boolean> deleteCluster() {
        return apply(List.of(), List.of(new Op.DeletePrefix(keys.prefix())));
    }

    private CompletableFuture<@Nullable KeyValue> pairAt(String key) {
        return dcs.range(key, timeout)
                .thenApply(
                        range -> {
                            for (KeyValue pair : range.pairs()) {
                                if (pair.key().equals(key)) {
                                    return pair;
                                }
                            }
                            return null;
                        });
    }

    private static Compare unchanged(String key, @Nullable KeyValue pair) {
        return pair == null
                ? new Compare.Absent(key)
                : new Compare.ModRevisionIs(key, pair.modRevision());
    }

    private CompletableFuture<Boolean> apply(List<Compare> compares, List<Op> ops) {
        return dcs.txn(new Txn(compares, ops), timeout).thenApply(TxnResult::succeeded);
    }

    private List<Compare> leads(MemberName self, long epoch, Compare... more) {
        List<Compare> compares = new ArrayList<>();
        compares.add(new Compare.ValueIs(keys.key(ClusterKeys.LEADER), self.value()));
        compares.add(new Compare.ValueIs(keys.key(ClusterKeys.EPOCH), Long.toString(epoch)));
        compares.addAll(List.of(more));
        return compares;
    }

    private Compare at(String name, long modRevision) {
        String key = keys.key(name);
        return modRevision == 0
                ? new Compare.Absent(key)
                : new Compare.ModRevisionIs(key, modRevision);
    }

    private Op put(String name, String value) {
        return new Op.Put(keys.key(name), value, 0);
    }

    private Op delete(String name) {
        return new Op.Delete(keys.key(name));
    }
}
