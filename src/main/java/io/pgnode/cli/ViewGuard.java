package io.pgnode.cli;

import io.pgnode.backup.archive.ArchiveGuard;
import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.model.MemberName;
import io.pgnode.os.BootClock;
import org.jspecify.annotations.Nullable;

/** Whether this member's WAL belongs into the archive, by what its agent last said. */
final class ViewGuard implements ArchiveGuard {
    private static final BootClock CLOCK = new BootClock();

    private final MemberName self;
    private volatile @Nullable ClusterSnapshot last;

    ViewGuard(MemberName self) {
        this.self = self;
    }

    void receive(ClusterSnapshot snapshot) {
        last = snapshot;
    }

    /** Whether this member leads, as far as can be known now. */
    boolean leads() {
        ClusterSnapshot known = last;
        return known != null && isFresh(known) && known.view().isLeader(self);
    }

    private static boolean isFresh(ClusterSnapshot snapshot) {
        return CLOCK.getAsLong() - snapshot.leaseDeadlineNanos() < 0;
    }

    @Override
    public Answer mayPush(int timeline) {
        ClusterSnapshot known = last;
        ClusterView view = known == null ? ClusterView.EMPTY : known.view();
        LeaderKey leader = view.leader();
        if (known == null || !isFresh(known) || leader == null) {
            return new Answer.Unknown();
        }
        if (view.isLeader(self)) {
            return new Answer.Allowed(view.epoch());
        }
        return new Answer.Refused("member " + leader.name() + " leads since epoch " + view.epoch());
    }
}
