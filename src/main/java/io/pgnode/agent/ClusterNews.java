package io.pgnode.agent;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.ha.LeaseState;
import io.pgnode.model.MemberName;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway of this node hears of the cluster: the newest view with our own member as it is
 * now, and how long its leader may be trusted.
 *
 * <p>The lease's loop tells of each renewal by itself, so that a slow cycle does not let the
 * gateway's deadline pass. Thread-safe; nothing is told twice.
 */
final class ClusterNews {
    private final MemberName self;
    private final ReentrantLock lock = new ReentrantLock();

    // Under the lock.
    private Consumer<ClusterSnapshot> receiver = snapshot -> {};
    private ClusterView view = ClusterView.EMPTY;
    private @Nullable ClusterSnapshot told;

    ClusterNews(MemberName self) {
        this.self = self;
    }

    /**
     * @param newReceiver called in order, with the lock held: it must return at once
     */
    void giveTo(Consumer<ClusterSnapshot> newReceiver) {
        lock.lock();
        try {
            receiver = newReceiver;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A view, from the agent's loop.
     *
     * @param own what our member key is about to say; used once the DCS knows us
     * @param trustedUntilNanos for the view of another leader
     * @param lease ours at this moment
     * @param isOver whether a lease that is not held was given up or lost; else it may be from
     *     before this process started, and the gateway keeps what it was told about it
     */
    void view(
            ClusterView newest,
            Member own,
            long trustedUntilNanos,
            LeaseState lease,
            boolean isOver,
            long nowNanos) {
        lock.lock();
        try {
            if (newest.revision() == 0) {
                return;
            }
            view = with(own, newest);
            if (!view.isLeader(self)) {
                tell(new ClusterSnapshot(view, trustedUntilNanos));
            } else if (lease.held()) {
                tell(new ClusterSnapshot(view, lease.deadlineNanos()));
            } else if (isOver) {
                tell(new ClusterSnapshot(view, nowNanos));
            }
        } finally {
            lock.unlock();
        }
    }

    /** The lease began, was extended, or ended; any thread. */
    void lease(LeaseState lease, long nowNanos) {
        lock.lock();
        try {
            if (view.isLeader(self)) {
                tell(new ClusterSnapshot(view, lease.held() ? lease.deadlineNanos() : nowNanos));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Positions in the key are as old as a cycle; role and state must not be. */
    private ClusterView with(Member own, ClusterView newest) {
        if (!newest.members().containsKey(self)) {
            return newest;
        }
        SortedMap<MemberName, Member> members = new TreeMap<>(newest.members());
        members.put(self, own);
        return new ClusterView(
                newest.revision(),
                newest.leader(),
                newest.epoch(),
                members,
                newest.config(),
                newest.initialize(),
                newest.status(),
                newest.sync(),
                newest.switchover(),
                newest.history(),
                newest.failsafe(),
                newest.handoff(),
                newest.claim(),
                newest.suspension(),
                newest.recovery(),
                newest.problems());
    }

    private void tell(ClusterSnapshot snapshot) {
        if (!snapshot.equals(told)) {
            told = snapshot;
            receiver.accept(snapshot);
        }
    }
}
