package io.pgnode.dcs;

import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One cluster's keys in the DCS, under {@code <namespace>/<scope>/}, in Patroni's names and
 * formats.
 *
 * <p>Every write that only the leader may do is one transaction that compares the leader key and
 * the epoch, so that a former leader changes nothing. Completes with {@code false} when the
 * comparison failed: nothing was written. Futures fail with {@link DcsException}. Thread-safe;
 * completes on the store's threads.
 */
public final class ClusterStore {
    /** A running subscription; closing it twice is harmless. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Receives every new view, revisions increasing. Called on a thread of the store. */
    public interface Listener {
        void onView(ClusterView view);

        /** Views stop for now; the store resumes by itself. */
        void onInterrupted(DcsException why);
    }

    public ClusterStore(Dcs dcs, String namespace, String scope, Duration timeout) {}

    /** Linearizable read of all keys. */
    public CompletableFuture<ClusterView> read() {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * First the current view, then one per change; resumes by revision, re-reads after compaction.
     */
    public Subscription watch(Listener listener) {
        throw new UnsupportedOperationException("not written yet");
    }

    public CompletableFuture<Long> grantLease(Duration ttl) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Renews once, by {@code timeout} at the latest; see {@link Dcs#keepAlive}. */
    public CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout) {
        throw new UnsupportedOperationException("not written yet");
    }

    public CompletableFuture<Void> revokeLease(long leaseId) {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * Takes the leader key: it must not exist, and the epoch must still be {@code seen.epoch()}.
     * Raises the epoch by one in the same transaction and removes the handoff. Completes with the
     * new epoch, or null when somebody else was first.
     */
    public CompletableFuture<@Nullable Long> acquireLeader(
            MemberName self, long leaseId, ClusterView seen) {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * Deletes our leader key, and in the same transaction leaves {@code handoff} and clears the
     * switchover request when {@code clearSwitchover}. Leader only.
     */
    public CompletableFuture<Boolean> releaseLeader(
            MemberName self, long epoch, @Nullable Handoff handoff, boolean clearSwitchover) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Puts our member key. */
    public CompletableFuture<Boolean> writeMember(MemberName self, String json, long leaseId) {
        throw new UnsupportedOperationException("not written yet");
    }

    public CompletableFuture<Boolean> deleteMember(MemberName self) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Leader only. */
    public CompletableFuture<Boolean> writeStatus(
            MemberName self, long epoch, ClusterStatus status) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Leader only, and the sync key must be at {@code expectedModRevision} (zero: absent). */
    public CompletableFuture<Boolean> writeSync(
            MemberName self,
            long epoch,
            Set<MemberName> standbys,
            int quorum,
            long expectedModRevision) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Leader only. Removes the sync key; it must be at {@code expectedModRevision}. */
    public CompletableFuture<Boolean> deleteSync(
            MemberName self, long epoch, long expectedModRevision) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Leader only. */
    public CompletableFuture<Boolean> writeHistory(
            MemberName self, long epoch, TimelineHistory history) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Leader only. An empty map removes the key. */
    public CompletableFuture<Boolean> writeFailsafe(
            MemberName self, long epoch, Map<MemberName, String> members) {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * Creates the empty initialize key on our lease, so that a bootstrap that dies frees it; false
     * when it exists.
     */
    public CompletableFuture<Boolean> beginBootstrap(long leaseId) {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * Writes the system identifier without a lease; the key must be absent, or empty on {@code
     * leaseId}.
     */
    public CompletableFuture<Boolean> finishBootstrap(long leaseId, String systemId) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Deletes the empty initialize key of {@code leaseId}. */
    public CompletableFuture<Boolean> cancelBootstrap(long leaseId) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Replaces the config key at {@code expectedModRevision} (zero: absent). */
    public CompletableFuture<Boolean> writeConfig(String json, long expectedModRevision) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Replaces the failover key at {@code expectedModRevision} (zero: absent); null deletes it. */
    public CompletableFuture<Boolean> writeSwitchover(
            @Nullable SwitchoverRequest request, long expectedModRevision) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Deletes every key of the cluster, ours included. For an operator's explicit command only. */
    public CompletableFuture<Boolean> deleteCluster() {
        throw new UnsupportedOperationException("not written yet");
    }
}
