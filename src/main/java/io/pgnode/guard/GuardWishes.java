package io.pgnode.guard;

import io.pgnode.os.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/**
 * All that the agent wants the guard to know.
 *
 * @param leads whether there is a deadline
 * @param epoch of the lease, or the last one released; 0 for none
 * @param cycles how many cycles were completed
 */
record GuardWishes(
        boolean leads,
        long epoch,
        long deadlineNanos,
        @Nullable ProcessIdentity postmaster,
        boolean ready,
        boolean stopping,
        String status,
        long cycles) {
    static final GuardWishes NONE = new GuardWishes(false, 0, 0, null, false, false, "", 0);

    GuardWishes leading(long newEpoch, long deadline, @Nullable ProcessIdentity newPostmaster) {
        boolean sameLease = leads && newEpoch == epoch;
        long later = sameLease && deadlineNanos - deadline > 0 ? deadlineNanos : deadline;
        // A dead postmaster still tells the guard where the instance is, so it is not forgotten.
        ProcessIdentity known = newPostmaster == null ? postmaster : newPostmaster;
        return new GuardWishes(true, newEpoch, later, known, ready, stopping, status, cycles);
    }

    GuardWishes extended(long ofEpoch, long deadline) {
        return leads && ofEpoch == epoch ? leading(epoch, deadline, postmaster) : this;
    }

    GuardWishes withPostmaster(ProcessIdentity newPostmaster) {
        return new GuardWishes(
                leads, epoch, deadlineNanos, newPostmaster, ready, stopping, status, cycles);
    }

    GuardWishes released(long ofEpoch) {
        return new GuardWishes(
                false, Math.max(epoch, ofEpoch), 0, postmaster, ready, stopping, status, cycles);
    }

    GuardWishes isReady() {
        return new GuardWishes(
                leads, epoch, deadlineNanos, postmaster, true, stopping, status, cycles);
    }

    GuardWishes isStopping() {
        return new GuardWishes(
                leads, epoch, deadlineNanos, postmaster, ready, true, status, cycles);
    }

    GuardWishes withStatus(String text) {
        return new GuardWishes(
                leads, epoch, deadlineNanos, postmaster, ready, stopping, text, cycles);
    }

    GuardWishes alive() {
        return new GuardWishes(
                leads, epoch, deadlineNanos, postmaster, ready, stopping, status, cycles + 1);
    }
}
