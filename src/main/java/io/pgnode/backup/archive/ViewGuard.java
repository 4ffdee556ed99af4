package io.pgnode.backup.archive;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.model.MemberName;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@link ArchiveGuard} by what the agent of this node says: the leader's WAL belongs into the
 * archive. Any thread.
 */
public final class ViewGuard implements ArchiveGuard {
    private final MemberName self;
    private final LongSupplier bootNanos;
    private volatile @Nullable ClusterSnapshot last;

    /**
     * @param bootNanos the clock of {@link ClusterSnapshot#leaseDeadlineNanos}
     */
    public ViewGuard(MemberName self, LongSupplier bootNanos) {
        this.self = self;
        this.bootNanos = bootNanos;
    }

    /** Takes a newer view. */
    public void see(ClusterSnapshot snapshot) {
        last = snapshot;
    }

    @Override
    public Answer mayPush(int timeline) {
        ClusterSnapshot snapshot = last;
        if (snapshot == null || bootNanos.getAsLong() - snapshot.leaseDeadlineNanos() >= 0) {
            return new Answer.Unknown();
        }
        ClusterView view = snapshot.view();
        if (view.leader() == null) {
            return new Answer.Unknown();
        }
        return view.isLeader(self)
                ? new Answer.Allowed(view.epoch())
                : new Answer.Refused(view.leader().name() + " leads, in epoch " + view.epoch());
    }
}
