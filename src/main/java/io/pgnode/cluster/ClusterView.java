package io.pgnode.cluster;

import io.pgnode.model.MemberName;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything the DCS says about the cluster at one revision.
 *
 * @param revision the DCS revision; later views have larger ones
 * @param leader null when nobody holds the lease
 * @param epoch number of leadership changes so far, our fencing token; zero when never set
 * @param config the dynamic configuration; null before bootstrap
 * @param initialize null before bootstrap
 * @param switchover null when none is asked for
 * @param failsafe members that must agree in failsafe mode, with their API URLs
 * @param handoff the last clean handover; null when there was none
 * @param claim the newest timeline that was claimed
 * @param suspension who may accept writes without a lease
 * @param recovery of the whole cluster to a point in time; null when there is none
 * @param problems keys whose value could not be read, one sentence each; those keys count as absent
 */
public record ClusterView(
        long revision,
        @Nullable LeaderKey leader,
        long epoch,
        SortedMap<MemberName, Member> members,
        @Nullable DynamicConfig config,
        @Nullable InitializeKey initialize,
        ClusterStatus status,
        SyncState sync,
        @Nullable SwitchoverRequest switchover,
        TimelineHistory history,
        Map<MemberName, String> failsafe,
        @Nullable Handoff handoff,
        TimelineClaim claim,
        Suspension suspension,
        @Nullable ClusterRecovery recovery,
        List<String> problems) {
    public static final ClusterView EMPTY =
            new ClusterView(
                    0,
                    null,
                    0,
                    new TreeMap<>(),
                    null,
                    null,
                    ClusterStatus.NONE,
                    SyncState.NONE,
                    null,
                    TimelineHistory.NONE,
                    Map.of(),
                    null,
                    TimelineClaim.NONE,
                    Suspension.NONE,
                    null,
                    List.of());

    public ClusterView {
        members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
        failsafe = Collections.unmodifiableMap(new TreeMap<>(failsafe));
        problems = List.copyOf(problems);
    }

    public boolean isLeader(MemberName name) {
        return leader != null && leader.name().equals(name);
    }

    /** The leader's member entry; null when there is no leader or it has no entry (yet). */
    public @Nullable Member leaderMember() {
        return leader == null ? null : members.get(leader.name());
    }

    /** The dynamic configuration, or the defaults while there is none. */
    public DynamicConfig settings() {
        return config == null ? DynamicConfig.DEFAULT : config;
    }

    public boolean isPaused() {
        return config != null && config.pause();
    }
}
