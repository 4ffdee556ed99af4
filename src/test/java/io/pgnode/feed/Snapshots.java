package io.pgnode.feed;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Snapshots with all that is carried, and nothing else. */
final class Snapshots {
    private Snapshots() {}

    /** A cluster of so many members, of which the first leads. */
    static ClusterSnapshot of(long revision, int members) {
        SortedMap<MemberName, Member> all = new TreeMap<>();
        for (int i = 1; i <= members; i++) {
            Member member = member(i);
            all.put(member.name(), member);
        }
        return new ClusterSnapshot(
                view(
                        revision,
                        new LeaderKey(new MemberName("pg-1"), 0, 17, 17),
                        all,
                        new SwitchoverRequest(
                                new MemberName("pg-1"),
                                new MemberName("pg-2"),
                                Instant.parse("2026-12-24T18:00:00Z"),
                                0)),
                987_654_321_012L + revision);
    }

    static ClusterView view(
            long revision,
            @Nullable LeaderKey leader,
            SortedMap<MemberName, Member> members,
            @Nullable SwitchoverRequest switchover) {
        return new ClusterView(
                revision,
                leader,
                7,
                members,
                null,
                null,
                new ClusterStatus(Lsn.parse("1/2000060"), Map.of(), List.of()),
                SyncState.NONE,
                switchover,
                TimelineHistory.NONE,
                Map.of(),
                null,
                TimelineClaim.NONE,
                Suspension.NONE,
                null,
                List.of());
    }

    static Member member(int number) {
        boolean leads = number == 1;
        return new Member(
                new MemberName("pg-" + number),
                number == 4 ? null : new HostPort(number == 3 ? "fd00::3" : "10.0.0.2", 5432),
                "http://10.0.0." + number + ":8008/patroni",
                leads ? MemberRole.PRIMARY : MemberRole.REPLICA,
                "running",
                "pgnode-0.1.0",
                new Tags(number == 2 ? Map.of("weight", "50", "zone", "a \"b\"\n") : Map.of()),
                Lsn.parse("1/2000060"),
                leads ? Lsn.NONE : Lsn.parse("1/2000060"),
                leads ? Lsn.NONE : Lsn.parse("FFFFFFFF/FFFFFFF0"),
                3,
                leads ? "" : "streaming",
                Map.of(),
                "",
                false,
                0,
                0);
    }
}
