package io.pgnode.cluster;

import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Clusters of which only the members and the leader matter. */
public final class SampleClusters {
    private SampleClusters() {}

    /**
     * @param leader empty for nobody
     */
    public static ClusterView view(
            long revision, String leader, long epoch, Collection<Member> members) {
        TreeMap<MemberName, Member> byName = new TreeMap<>();
        members.forEach(member -> byName.put(member.name(), member));
        return new ClusterView(
                revision,
                leader.isEmpty() ? null : new LeaderKey(new MemberName(leader), 1, 1, 1),
                epoch,
                byName,
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
    }

    /** A member that streams and has replayed that much, in bytes of WAL. */
    public static Member member(
            String name,
            HostPort postgres,
            MemberRole role,
            String state,
            long replay,
            Map<String, String> tags) {
        return new Member(
                new MemberName(name),
                postgres,
                "",
                role,
                state,
                "pgnode-test",
                new Tags(tags),
                new Lsn(Math.max(replay, 1)),
                new Lsn(replay),
                new Lsn(replay),
                1,
                "streaming",
                Map.of(),
                "",
                false,
                1,
                1);
    }
}
