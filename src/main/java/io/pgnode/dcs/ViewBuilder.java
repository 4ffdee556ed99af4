package io.pgnode.dcs;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.dcs.Dcs.KeyValue;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a cluster's keys decoded, and updates only what a change touches. Confined to one thread at
 * a time.
 */
final class ViewBuilder {
    private final ClusterKeys keys;
    private final SortedMap<MemberName, Member> members = new TreeMap<>();
    private final SortedMap<String, List<String>> problems = new TreeMap<>();
    private @Nullable LeaderKey leader;
    private long epoch;
    private @Nullable DynamicConfig config;
    private @Nullable InitializeKey initialize;
    private @Nullable ClusterStatus status;
    private ClusterStatus optime = ClusterStatus.NONE;
    private SyncState sync = SyncState.NONE;
    private @Nullable SwitchoverRequest switchover;
    private TimelineHistory history = TimelineHistory.NONE;
    private Map<MemberName, String> failsafe = Map.of();
    private @Nullable Handoff handoff;
    private TimelineClaim claim = TimelineClaim.NONE;
    private Suspension suspension = Suspension.NONE;
    private @Nullable ClusterRecovery recovery;

    ViewBuilder(ClusterKeys keys) {
        this.keys = keys;
    }

    static ClusterView view(ClusterKeys keys, Dcs.Range range) {
        ViewBuilder builder = new ViewBuilder(keys);
        range.pairs().forEach(builder::put);
        return builder.view(range.revision());
    }

    void apply(Dcs.Event event) {
        if (event.deleted()) {
            clear(keys.name(event.pair().key()));
        } else {
            put(event.pair());
        }
    }

    void put(KeyValue pair) {
        String name = keys.name(pair.key());
        clear(name);
        try {
            set(name, pair);
        } catch (IllegalArgumentException e) {
            problem(name, String.valueOf(e.getMessage()));
        }
    }

    private void set(String name, KeyValue pair) {
        switch (name) {
            case ClusterKeys.LEADER -> leader = ClusterCodec.decodeLeader(pair);
            case ClusterKeys.EPOCH -> epoch = ClusterCodec.decodeEpoch(pair.value());
            case ClusterKeys.CONFIG ->
                    config =
                            ConfigCodec.decode(
                                    pair.value(),
                                    pair.modRevision(),
                                    problem -> problem(name, problem));
            case ClusterKeys.INITIALIZE -> initialize = ClusterCodec.decodeInitialize(pair);
            case ClusterKeys.STATUS -> status = ClusterCodec.decodeStatus(pair.value());
            case ClusterKeys.OPTIME -> optime = ClusterCodec.decodeOptime(pair.value());
            case ClusterKeys.SYNC -> sync = ClusterCodec.decodeSync(pair);
            case ClusterKeys.FAILOVER -> switchover = ClusterCodec.decodeSwitchover(pair);
            case ClusterKeys.HISTORY -> history = ClusterCodec.decodeHistory(pair);
            case ClusterKeys.FAILSAFE -> failsafe = ClusterCodec.decodeFailsafe(pair.value());
            case ClusterKeys.TIMELINE -> {
                // Unreadable, it is replaced at the next promotion.
                claim = TimelineClaim.unreadable(pair.modRevision());
                claim = ClusterCodec.decodeClaim(pair);
            }
            case ClusterKeys.HANDOFF -> handoff = ClusterCodec.decodeHandoff(pair.value());
            case ClusterKeys.SUSPENSION -> {
                suspension = Suspension.unreadable(pair.modRevision());
                suspension = ClusterCodec.decodeSuspension(pair);
            }
            case ClusterKeys.RECOVERY -> recovery = ClusterCodec.decodeRecovery(pair);
            default -> {
                if (name.startsWith(ClusterKeys.MEMBERS)) {
                    MemberName member =
                            new MemberName(name.substring(ClusterKeys.MEMBERS.length()));
                    members.put(member, ClusterCodec.decodeMember(member, pair));
                }
            }
        }
    }

    private void clear(String name) {
        problems.remove(name);
        switch (name) {
            case ClusterKeys.LEADER -> leader = null;
            case ClusterKeys.EPOCH -> epoch = 0;
            case ClusterKeys.CONFIG -> config = null;
            case ClusterKeys.INITIALIZE -> initialize = null;
            case ClusterKeys.STATUS -> status = null;
            case ClusterKeys.OPTIME -> optime = ClusterStatus.NONE;
            case ClusterKeys.SYNC -> sync = SyncState.NONE;
            case ClusterKeys.FAILOVER -> switchover = null;
            case ClusterKeys.HISTORY -> history = TimelineHistory.NONE;
            case ClusterKeys.FAILSAFE -> failsafe = Map.of();
            case ClusterKeys.TIMELINE -> claim = TimelineClaim.NONE;
            case ClusterKeys.HANDOFF -> handoff = null;
            case ClusterKeys.SUSPENSION -> suspension = Suspension.NONE;
            case ClusterKeys.RECOVERY -> recovery = null;
            default -> {
                if (name.startsWith(ClusterKeys.MEMBERS)
                        && MemberName.isValid(name.substring(ClusterKeys.MEMBERS.length()))) {
                    members.remove(new MemberName(name.substring(ClusterKeys.MEMBERS.length())));
                }
            }
        }
    }

    private void problem(String name, String sentence) {
        problems.computeIfAbsent(name, n -> new ArrayList<>())
                .add("key " + keys.key(name) + ": " + sentence);
    }

    ClusterView view(long revision) {
        return new ClusterView(
                revision,
                leader,
                epoch,
                members,
                config,
                initialize,
                status == null ? optime : status,
                sync,
                switchover,
                history,
                failsafe,
                handoff,
                claim,
                suspension,
                recovery,
                problems.values().stream().flatMap(List::stream).toList());
    }
}
