package io.pgnode.backup.schedule;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The right to make a backup of this cluster: one key in the DCS, bound to a lease, with an epoch
 * that rises with every holder.
 *
 * <p>A thread of its own renews it. Who loses it is told while a third of its time is left, so that
 * the backup has ended before anybody else begins one. Close it by {@link #release}.
 */
public final class BackupLease {
    private static final Logger LOG = Logger.getLogger(BackupLease.class);

    /** How long a holder that is dead keeps the others waiting. */
    public static final Duration TTL = Duration.ofSeconds(30);

    private static final Duration RETRY = Duration.ofMillis(500);

    /**
     * What a holder tells the others.
     *
     * @param totalBytes zero while unknown
     */
    public record Progress(long doneBytes, long totalBytes) {
        public static final Progress NONE = new Progress(0, 0);
    }

    private final ScheduleStore store;
    private final Duration ttl;
    private final LongSupplier nanos;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Supplier<Progress> progress;
    private final Runnable onLost;
    private volatile LeaseHolder holder;
    private volatile long deadline;
    private volatile boolean lost;

    private BackupLease(
            ScheduleStore store,
            Duration ttl,
            LongSupplier nanos,
            LeaseHolder holder,
            long deadline,
            Supplier<Progress> progress,
            Runnable onLost) {
        this.store = store;
        this.ttl = ttl;
        this.nanos = nanos;
        this.holder = holder;
        this.deadline = deadline;
        this.progress = progress;
        this.onLost = onLost;
    }

    /**
     * Takes it, and begins to renew it.
     *
     * @param seen nothing may have changed since
     * @param slot null when an operator asks for the backup
     * @param states what the DCS is to remember from now on; null to leave it
     * @param nanos monotonic
     * @param progress asked before a renewal
     * @param onLost called once, on the thread that renews
     * @return empty when somebody else was faster
     * @throws DcsException when the DCS does not answer; then it is not held, or ends by itself
     */
    public static Optional<BackupLease> take(
            ScheduleStore store,
            ScheduleSnapshot seen,
            String member,
            BackupType type,
            @Nullable Instant slot,
            Instant now,
            @Nullable JobStates states,
            Duration ttl,
            LongSupplier nanos,
            Supplier<Progress> progress,
            Runnable onLost)
            throws InterruptedException {
        if (seen.holder() != null) {
            return Optional.empty();
        }
        long before = nanos.getAsLong();
        long leaseId = store.grant(ttl);
        LeaseHolder wanted =
                new LeaseHolder(member, type, slot, now, seen.epoch() + 1, 0, 0, leaseId, 0);
        boolean taken;
        try {
            taken = store.take(seen, wanted, states);
        } catch (DcsException e) {
            if (e.kind() != DcsException.Kind.UNKNOWN) {
                throw e;
            }
            taken = true; // the next read tells
        }
        LeaseHolder found = taken ? store.read().holder() : null;
        if (found == null || found.leaseId() != leaseId) {
            store.revoke(leaseId);
            return Optional.empty();
        }
        BackupLease lease =
                new BackupLease(
                        store, ttl, nanos, found, before + safe(ttl).toNanos(), progress, onLost);
        Thread.ofVirtual().name("backup-lease-" + found.epoch()).start(lease::renew);
        return Optional.of(lease);
    }

    /** The part of its time in which the holder may rely on it. */
    private static Duration safe(Duration ttl) {
        return ttl.multipliedBy(2).dividedBy(3);
    }

    /** The number of this run: rises with every holder. */
    public long epoch() {
        return holder.epoch();
    }

    public boolean isHeld() {
        return !lost && nanos.getAsLong() - deadline < 0;
    }

    private void renew() {
        Duration pause = ttl.dividedBy(3).minus(ttl.dividedBy(12));
        try {
            while (!ended.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                pause = renewOnce() ? ttl.dividedBy(3).minus(ttl.dividedBy(12)) : RETRY;
                if (!isHeld()) {
                    lose();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean renewOnce() throws InterruptedException {
        long before = nanos.getAsLong();
        try {
            Duration granted = store.keepAlive(holder.leaseId());
            Duration counted = granted.compareTo(ttl) < 0 ? granted : ttl;
            deadline = before + safe(counted).toNanos();
            tell();
            return true;
        } catch (DcsException e) {
            if (e.kind() == DcsException.Kind.LEASE_NOT_FOUND) {
                lost = true;
            }
            LOG.debugf("backup lease not renewed epoch=%d why=\"%s\"", epoch(), e.getMessage());
            return false;
        }
    }

    /** Writes what has been done; a key that is not ours is a lost lease. */
    private void tell() throws InterruptedException {
        Progress now = progress.get();
        LeaseHolder known = holder;
        if (now.doneBytes() != known.doneBytes() || now.totalBytes() != known.totalBytes()) {
            LeaseHolder next = known.progress(now.doneBytes(), now.totalBytes());
            if (!store.update(next)) {
                lost = true;
            }
            holder = next;
        }
    }

    private void lose() {
        lost = true;
        LOG.warnf("backup lease lost epoch=%d", epoch());
        onLost.run();
    }

    /**
     * Gives it back and says how the run ended, in one step.
     *
     * @param states null to leave them
     * @return false when it was not held any more: then nothing was written
     */
    public boolean release(@Nullable JobStates states) throws InterruptedException {
        try {
            return tryRelease(
                    () -> store.release(holder, states, null),
                    now -> states != null && states.equals(now.states()));
        } finally {
            ended.countDown();
        }
    }

    /**
     * As {@link #release}, after a backup by hand: the schedule does not count it.
     *
     * @param isDone whether it is complete
     * @param text its label, or why there is none
     */
    public boolean releaseByHand(Instant now, boolean isDone, String text)
            throws InterruptedException {
        try {
            return tryRelease(
                    () -> store.release(holder, null, byHand(now, isDone, text)), _ -> false);
        } finally {
            ended.countDown();
        }
    }

    private JobStates byHand(Instant now, boolean isDone, String text) throws InterruptedException {
        JobStates known = store.read().byHand();
        JobStates before = known == null ? new JobStates(now, Map.of()) : known;
        LeaseHolder held = holder;
        JobState begun =
                new JobState(
                        null,
                        JobState.Result.RUNNING,
                        1,
                        held.started(),
                        null,
                        held.member(),
                        "",
                        before.of(held.type()).lastSuccess());
        return before.with(held.type(), isDone ? begun.done(now, text) : begun.failed(now, text));
    }

    /** One attempt; false when it is not ours any more. */
    private interface Attempt {
        boolean release() throws InterruptedException;
    }

    /**
     * @param wasApplied whether an earlier attempt, whose outcome was not known, was applied
     */
    private boolean tryRelease(Attempt attempt, Predicate<ScheduleSnapshot> wasApplied)
            throws InterruptedException {
        while (true) {
            try {
                if (attempt.release()) {
                    store.revoke(holder.leaseId());
                    return true;
                }
                return wasApplied.test(store.read());
            } catch (DcsException e) {
                if (!isHeld()) {
                    LOG.warnf(
                            "end of a backup not written epoch=%d why=\"%s\"",
                            epoch(), e.getMessage());
                    return false;
                }
                if (ended.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) {
                    return false;
                }
            }
        }
    }
}
