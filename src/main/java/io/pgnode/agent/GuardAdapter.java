package io.pgnode.agent;

import io.pgnode.guard.GuardClient;
import io.pgnode.os.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/** {@link Guard} over the supervisor's socket. */
final class GuardAdapter implements Guard {
    private final GuardClient client;
    private volatile @Nullable ProcessIdentity postmaster;

    GuardAdapter(GuardClient client) {
        this.client = client;
    }

    /** A new postmaster: what must be killed at the deadline. */
    void postmaster(ProcessIdentity started) {
        postmaster = started;
        client.postmaster(started);
    }

    @Override
    public void lead(long epoch, long deadlineNanos) {
        client.lead(epoch, deadlineNanos, postmaster);
    }

    @Override
    public void extend(long epoch, long deadlineNanos) {
        client.extend(epoch, deadlineNanos);
    }

    @Override
    public void release(long epoch) {
        client.release(epoch);
    }
}
