package io.pgnode.gateway;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.gateway.route.ClusterFeed;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells gateways what a test wants to be so; leases last for as long as the test. */
public final class FakeFeed {
    private final Map<String, HostPort> members;
    private final List<Consumer<ClusterSnapshot>> receivers = new CopyOnWriteArrayList<>();
    private volatile @Nullable ClusterSnapshot last;

    /**
     * @param members where each one's PostgreSQL listens
     */
    public FakeFeed(Map<String, HostPort> members) {
        this.members = Map.copyOf(members);
    }

    /** For one gateway. */
    public ClusterFeed open() {
        return new ClusterFeed() {
            @Override
            public void subscribe(Consumer<ClusterSnapshot> receiver) {
                receivers.add(receiver);
                ClusterSnapshot known = last;
                if (known != null) {
                    receiver.accept(known);
                }
            }

            @Override
            public void close() {}
        };
    }

    /**
     * @param leader empty for nobody
     * @param stopped members whose PostgreSQL does not run
     */
    void tell(String leader, long epoch, Set<String> stopped) {
        TreeMap<MemberName, Member> all = new TreeMap<>();
        members.forEach(
                (name, postgres) ->
                        all.put(
                                new MemberName(name),
                                member(
                                        name,
                                        postgres,
                                        name.equals(leader)
                                                ? MemberRole.PRIMARY
                                                : MemberRole.REPLICA,
                                        stopped.contains(name) ? "stopped" : "running")));
        ClusterView view =
                new ClusterView(
                        1,
                        leader.isEmpty() ? null : new LeaderKey(new MemberName(leader), 1, 1, 1),
                        epoch,
                        all,
                        null,
                        null,
                        ClusterStatus.NONE,
                        SyncState.NONE,
                        null,
                        TimelineHistory.NONE,
                        Map.of(),
                        null,
                        TimelineClaim.NONE,
                        List.of());
        ClusterSnapshot snapshot =
                new ClusterSnapshot(view, System.nanoTime() + Duration.ofHours(1).toNanos());
        last = snapshot;
        receivers.forEach(receiver -> receiver.accept(snapshot));
    }

    public void tell(String leader, long epoch) {
        tell(leader, epoch, Set.of());
    }

    private static Member member(String name, HostPort postgres, MemberRole role, String state) {
        return new Member(
                new MemberName(name),
                postgres,
                "",
                role,
                state,
                "pgnode-test",
                new Tags(Map.of()),
                new Lsn(1000),
                new Lsn(1000),
                new Lsn(1000),
                1,
                "streaming",
                Map.of(),
                "",
                false,
                1,
                1);
    }
}
