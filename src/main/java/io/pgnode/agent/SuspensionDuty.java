package io.pgnode.agent;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Suspension;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.ha.LeaseState;
import io.pgnode.model.MemberName;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes our deadline away when the cluster is paused and puts it back when the pause ends, in the
 * order that {@link Suspension} asks for: in the DCS first, here afterwards; and back the other way
 * round. Confined to the agent's loop; one step at a time, what fails is tried again in the next
 * cycle.
 */
final class SuspensionDuty {
    private static final Logger LOG = Logger.getLogger(SuspensionDuty.class);

    private final Loop loop;
    private final ClusterStore store;
    private final LeaseKeeper lease;
    private final MemberName self;
    private boolean busy;

    /** The lease whose end fences nothing; zero for none. */
    private long suspendedEpoch;

    SuspensionDuty(Loop loop, ClusterStore store, LeaseKeeper lease, MemberName self) {
        this.loop = loop;
        this.store = store;
        this.lease = lease;
        this.self = self;
    }

    /** Whether the loss of this lease would fence nothing. */
    boolean isInForce(LeaseState held) {
        return held.held() && held.epoch() == suspendedEpoch;
    }

    /**
     * The next step for a leader; nothing for others.
     *
     * @param view the newest
     */
    void lead(ClusterView view, LeaseState held) {
        if (busy || !held.held() || !view.isLeader(self) || view.epoch() != held.epoch()) {
            return;
        }
        if (!view.isPaused()) {
            if (isInForce(held) || view.suspension().exists()) {
                run(resume(view.suspension()));
            }
        } else if (!isInForce(held)) {
            // Also when the key names us already: that one may be about to be deleted by a request
            // from before.
            run(suspend(held.epoch()));
        }
    }

    /** Our PostgreSQL does not accept writes, and will not before we have a lease again. */
    void withdraw(Suspension seen) {
        if (!busy && seen.names(self)) {
            run(delete(seen));
        }
    }

    private CompletableFuture<@Nullable Void> suspend(long epoch) {
        return loop.hop(store.writeSuspension(self, epoch))
                .thenCompose(
                        written -> {
                            if (!written) {
                                return CompletableFuture.completedFuture(null);
                            }
                            suspendedEpoch = epoch;
                            LOG.infof("the end of the lease fences nothing now epoch=%d", epoch);
                            return loop.hop(lease.suspendFencing(epoch));
                        });
    }

    private CompletableFuture<@Nullable Void> resume(Suspension seen) {
        return loop.hop(lease.resumeFencing())
                .thenCompose(
                        holds -> {
                            if (!holds) {
                                return CompletableFuture.completedFuture(null);
                            }
                            if (suspendedEpoch != 0) {
                                suspendedEpoch = 0;
                                LOG.info("the end of the lease fences again");
                            }
                            return delete(seen);
                        });
    }

    private CompletableFuture<@Nullable Void> delete(Suspension seen) {
        return seen.exists()
                ? loop.hop(store.deleteSuspension(seen.modRevision())).thenApply(deleted -> null)
                : CompletableFuture.completedFuture(null);
    }

    private void run(CompletableFuture<@Nullable Void> step) {
        busy = true;
        step.whenComplete(
                (done, failure) -> {
                    busy = false;
                    if (failure != null) {
                        LOG.warnf(
                                "cannot change in the DCS whether the end of the lease fences: %s",
                                Loop.message(failure));
                    }
                });
    }
}
