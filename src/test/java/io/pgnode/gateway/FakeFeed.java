package io.pgnode.gateway;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SampleClusters;
import io.pgnode.gateway.route.ClusterFeed;
import io.pgnode.model.HostPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        List<Member> all = new ArrayList<>();
        members.forEach(
                (name, postgres) ->
                        all.add(
                                SampleClusters.member(
                                        name,
                                        postgres,
                                        name.equals(leader)
                                                ? MemberRole.PRIMARY
                                                : MemberRole.REPLICA,
                                        stopped.contains(name) ? "stopped" : "running",
                                        1000,
                                        Map.of())));
        ClusterView view = SampleClusters.view(1, leader, epoch, all);
        ClusterSnapshot snapshot =
                new ClusterSnapshot(view, System.nanoTime() + Duration.ofHours(1).toNanos());
        last = snapshot;
        receivers.forEach(receiver -> receiver.accept(snapshot));
    }

    public void tell(String leader, long epoch) {
        tell(leader, epoch, Set.of());
    }
}
