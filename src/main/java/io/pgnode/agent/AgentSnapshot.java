package io.pgnode.agent;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InstanceView;
import io.pgnode.ha.LeaseState;
import io.pgnode.ha.LocalState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that the agent knows at one moment; replaced as a whole after each change, read without locks
 * by REST and console.
 *
 * @param scope the cluster's name
 * @param view the last view of the DCS; {@link ClusterView#EMPTY} before the first one
 * @param viewAgeNanos boot-time clock value at which the DCS was last known to be reached; zero for
 *     never
 * @param dcsLastSeenSeconds the same as UNIX time; zero for never
 * @param loopNanos boot-time clock value of the last completed cycle
 * @param decision the last decision's reason, one sentence
 * @param failsafeActive this primary goes on without the DCS because every member agreed
 * @param memberState PostgreSQL's state in Patroni's words, as in the member key: {@code running},
 *     {@code starting}, …
 * @param scheduledRestart JSON text of a scheduled restart; empty for none
 * @param pendingRestart pending parameters, "old -> new"
 */
public record AgentSnapshot(
        String scope,
        ClusterView view,
        long viewAgeNanos,
        long dcsLastSeenSeconds,
        long loopNanos,
        LocalState local,
        String decision,
        boolean failsafeActive,
        String memberState,
        String scheduledRestart,
        Map<String, String> pendingRestart,
        @Nullable String task) {
    /** The same with a newer lease and instance. */
    AgentSnapshot now(LeaseState lease, InstanceView instance) {
        return new AgentSnapshot(
                scope,
                view,
                viewAgeNanos,
                dcsLastSeenSeconds,
                loopNanos,
                local.now(lease, instance),
                decision,
                failsafeActive,
                memberState,
                scheduledRestart,
                pendingRestart,
                task);
    }
}
