package io.pgnode.agent;

import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.DcsException;
import io.pgnode.ha.LeaseState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Renews the leader lease and fences when it cannot. It runs on a loop of its own, which does
 * nothing else, so that no long work and no slow cycle delays a renewal or the deadline.
 *
 * <p>Invariant: the instance is fenced at {@link LeaseState#deadlineNanos} at the latest, but for a
 * pause that the DCS knows of ({@link io.pgnode.cluster.Suspension}). The deadline counts from
 * before the last successful renewal was sent, less {@link #MARGIN}. Only a definite loss (the
 * lease is gone) fences earlier; an unknown outcome never shortens the lease. The guard in the
 * supervisor holds the same deadline, for when this process hangs.
 *
 * <p>Public methods may be called on any thread.
 */
public final class LeaseKeeper {
    /** For the kill itself and for clocks that run at different rates. */
    static final Duration MARGIN = Duration.ofMillis(500);

    /** Renewals per time to live: three may fail in a row, with time left to retry. */
    private static final int RENEWALS_PER_TTL = 5;

    private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

    /** Called on the keeper's loop. */
    public interface Listener {
        /** The lease is over, and the instance is being fenced (unless fencing is suspended). */
        void onLost(long epoch, String why);

        /** The DCS answered. */
        void onContact(long nanos);

        /** The lease was extended, or is over; must return at once. */
        default void onChange(LeaseState state) {}
    }

    private final Loop loop;
    private final ClusterStore store;
    private final Postgres postgres;
    private final Guard guard;
    private final Listener listener;
    private volatile LeaseState state = LeaseState.NONE;
    private long leaseId;
    private long ttlNanos;
    private long suspendedEpoch;
    private boolean resuming;
    private long generation;
    private Loop.@Nullable Timer renewTimer;
    private Loop.@Nullable Timer deadlineTimer;

    public LeaseKeeper(
            Loop loop, ClusterStore store, Postgres postgres, Guard guard, Listener listener) {
        this.loop = loop;
        this.store = store;
        this.postgres = postgres;
        this.guard = guard;
        this.listener = listener;
    }

    public LeaseState state() {
        return state;
    }

    /**
     * Starts to keep a lease that was just granted and holds the leader key.
     *
     * @param sentNanos from before the grant was sent
     */
    public void begin(long newLeaseId, long epoch, long sentNanos, Duration ttl) {
        // The state is visible when this returns: the caller goes on to promote under it.
        LeaseState begun =
                new LeaseState(true, epoch, sentNanos + ttl.toNanos() - MARGIN.toNanos());
        state = begun;
        guard.lead(epoch, begun.deadlineNanos());
        loop.execute(
                () -> {
                    generation++;
                    resuming = false;
                    leaseId = newLeaseId;
                    ttlNanos = ttl.toNanos();
                    armDeadline();
                    scheduleRenewal(ttlNanos / RENEWALS_PER_TTL);
                });
    }

    /**
     * Takes up a lease from before this process started; completes with false when it is gone or
     * nobody can tell.
     */
    public CompletableFuture<Boolean> adopt(long oldLeaseId, long epoch, Duration ttl) {
        long sentNanos = loop.nanos();
        return store.keepAlive(oldLeaseId, ttl.dividedBy(6))
                .handle(
                        (granted, failure) -> {
                            if (failure != null) {
                                LOG.infof(
                                        "the lease from before cannot be taken up epoch=%d: %s",
                                        epoch, Loop.message(failure));
                                return false;
                            }
                            begin(oldLeaseId, epoch, sentNanos, granted);
                            return true;
                        });
    }

    /** Every member agreed that we go on without the DCS until {@code deadlineNanos}. */
    public void extendByAgreement(long epoch, long deadlineNanos) {
        loop.execute(
                () -> {
                    if (state.held() && state.epoch() == epoch) {
                        moveDeadline(deadlineNanos);
                    }
                });
    }

    /**
     * From now on the lease of {@code epoch} is renewed, but its end fences nothing. Nothing else
     * happens when that lease is over. The DCS must name this member: see {@link
     * io.pgnode.cluster.Suspension}.
     *
     * @return completes once it is so
     */
    public CompletableFuture<@Nullable Void> suspendFencing(long epoch) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        loop.execute(
                () -> {
                    if (state.held() && state.epoch() == epoch) {
                        suspendedEpoch = epoch;
                        resuming = false;
                        guard.release(epoch);
                    }
                    done.complete(null);
                });
        return done;
    }

    /**
     * The deadline holds again. One that passed meanwhile does not: then the lease has to be
     * renewed first, which is tried all the time.
     *
     * @return completes with whether there is a lease, and its deadline holds
     */
    public CompletableFuture<Boolean> resumeFencing() {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        loop.execute(
                () -> {
                    resuming = true;
                    if (isSuspended() && state.isValid(loop.nanos())) {
                        resume();
                    }
                    done.complete(state.held() && !isSuspended());
                });
        return done;
    }

    private void resume() {
        resuming = false;
        suspendedEpoch = 0;
        guard.lead(state.epoch(), state.deadlineNanos());
        armDeadline();
    }

    private boolean isSuspended() {
        return state.held() && state.epoch() == suspendedEpoch;
    }

    /**
     * We do not lead any more, and the instance does not accept writes. Completes once nothing is
     * renewed.
     */
    public CompletableFuture<@Nullable Void> end() {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        loop.execute(
                () -> {
                    if (state.held()) {
                        guard.release(state.epoch());
                    }
                    forget();
                    done.complete(null);
                });
        return done;
    }

    /** A definite loss, seen elsewhere (the key is gone or somebody else's): fences at once. */
    public void lost(long epoch, String why) {
        loop.execute(
                () -> {
                    if (state.held() && state.epoch() == epoch) {
                        fence(why);
                    }
                });
    }

    private void scheduleRenewal(long delayNanos) {
        cancel(renewTimer);
        renewTimer = loop.schedule(Math.max(0, delayNanos), this::renew);
    }

    private void renew() {
        if (!state.held()) {
            return;
        }
        long mine = generation;
        long sentNanos = loop.nanos();
        long timeoutNanos = Math.max(Duration.ofMillis(100).toNanos(), ttlNanos / 3);
        loop.hop(store.keepAlive(leaseId, Duration.ofNanos(timeoutNanos)))
                .whenComplete(
                        (granted, failure) -> {
                            if (mine == generation && state.held()) {
                                if (failure == null) {
                                    renewed(sentNanos, granted);
                                } else {
                                    renewalFailed(failure);
                                }
                            }
                        });
    }

    private void renewed(long sentNanos, Duration granted) {
        listener.onContact(loop.nanos());
        moveDeadline(sentNanos + granted.toNanos() - MARGIN.toNanos());
        scheduleRenewal(sentNanos + ttlNanos / RENEWALS_PER_TTL - loop.nanos());
    }

    private void renewalFailed(Throwable failure) {
        if (failure instanceof DcsException dcs
                && dcs.kind() == DcsException.Kind.LEASE_NOT_FOUND) {
            fence("the lease is gone: " + dcs.getMessage());
            return;
        }
        LOG.warnf(
                "cannot renew the lease, %d ms left epoch=%d: %s",
                (state.deadlineNanos() - loop.nanos()) / 1_000_000,
                state.epoch(),
                Loop.message(failure));
        scheduleRenewal(Math.min(ttlNanos / 20, Duration.ofMillis(200).toNanos()));
    }

    private void moveDeadline(long deadlineNanos) {
        if (deadlineNanos - state.deadlineNanos() <= 0) {
            return;
        }
        if (loop.nanos() - state.deadlineNanos() >= 0 && !isSuspended()) {
            fence("the lease deadline passed while this process was not running");
            return;
        }
        state = new LeaseState(true, state.epoch(), deadlineNanos);
        if (!isSuspended()) {
            guard.extend(state.epoch(), deadlineNanos);
            armDeadline();
        } else if (resuming) {
            resume();
        }
        listener.onChange(state);
    }

    private void armDeadline() {
        cancel(deadlineTimer);
        deadlineTimer =
                loop.schedule(Math.max(0, state.deadlineNanos() - loop.nanos()), this::deadline);
    }

    private void deadline() {
        if (!state.held() || isSuspended()) {
            return;
        }
        if (loop.nanos() - state.deadlineNanos() < 0) {
            armDeadline();
            return;
        }
        fence("the lease deadline passed");
    }

    private void fence(String why) {
        long epoch = state.epoch();
        boolean suspended = isSuspended();
        forget();
        if (suspended) {
            LOG.warnf(
                    "the lease is over, the cluster is paused: the instance goes on epoch=%d: %s",
                    epoch, why);
        } else {
            LOG.errorf("fencing the instance epoch=%d: %s", epoch, why);
            // Released only once it is dead; if the kill fails, the guard does it.
            var _ = postgres.fence(why).thenRun(() -> guard.release(epoch));
        }
        listener.onLost(epoch, why);
    }

    private void forget() {
        state = LeaseState.NONE;
        generation++;
        cancel(renewTimer);
        cancel(deadlineTimer);
        listener.onChange(LeaseState.NONE);
    }

    private static void cancel(Loop.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
