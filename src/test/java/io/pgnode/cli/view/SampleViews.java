package io.pgnode.cli.view;

import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.dcs.ConfigCodec;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Clusters as the DCS may describe them. */
public final class SampleViews {
    public static final MemberName N1 = new MemberName("pg-test-1");
    public static final MemberName N2 = new MemberName("pg-test-2");
    public static final MemberName N3 = new MemberName("pg-test-3");

    private SampleViews() {}

    /** Patroni 3.0.2 was shown the same values; its answers are in the tests. */
    public static ClusterView typical() {
        return view(N1, "{\"ttl\": 30}", null, typicalMembers());
    }

    public static List<Member> typicalMembers() {
        return List.of(
                member(N1, 15432, MemberRole.PRIMARY, "running", 64, 2, Map.of()),
                new Member(
                        N2,
                        new HostPort("127.0.0.1", 25432),
                        "http://127.0.0.1:28008/patroni",
                        MemberRole.REPLICA,
                        "running",
                        "pgnode-0.1.0",
                        new Tags(Map.of("clonefrom", "true", "zone", "a")),
                        megabytes(48),
                        megabytes(48),
                        megabytes(48),
                        2,
                        "streaming",
                        Map.of("max_connections", "100 -> 200"),
                        "",
                        false,
                        0,
                        1),
                new Member(
                        N3,
                        new HostPort("127.0.0.1", 35432),
                        "http://127.0.0.1:38008/patroni",
                        MemberRole.REPLICA,
                        "starting",
                        "pgnode-0.1.0",
                        new Tags(Map.of("nofailover", "true", "replicatefrom", "pg-test-2")),
                        Lsn.NONE,
                        Lsn.NONE,
                        Lsn.NONE,
                        1,
                        "",
                        Map.of(),
                        "{\"schedule\":\"2026-11-21T10:00:00+00:00\"}",
                        false,
                        0,
                        1));
    }

    public static ClusterView view(
            @Nullable MemberName leader,
            String config,
            @Nullable SwitchoverRequest switchover,
            List<Member> members) {
        TreeMap<MemberName, Member> byName = new TreeMap<>();
        members.forEach(member -> byName.put(member.name(), member));
        DynamicConfig dynamic = ConfigCodec.decode(config, 7, problem -> {});
        return new ClusterView(
                10,
                leader == null ? null : new LeaderKey(leader, 1, 5, 5),
                3,
                byName,
                dynamic,
                new InitializeKey("7300000000000000001", 0, 2),
                new ClusterStatus(megabytes(64), Map.of(), List.of()),
                new SyncState(N1, Set.of(N2), 0, 9),
                switchover,
                TimelineHistory.NONE,
                Map.of(),
                null,
                TimelineClaim.NONE,
                Suspension.NONE,
                null,
                List.of());
    }

    public static Member member(
            MemberName name,
            int port,
            MemberRole role,
            String state,
            long megabytes,
            int timeline,
            Map<String, String> tags) {
        Lsn lsn = megabytes(megabytes);
        return new Member(
                name,
                new HostPort("127.0.0.1", port),
                "http://127.0.0.1:" + (port - 5432 + 8008) + "/patroni",
                role,
                state,
                "pgnode-0.1.0",
                new Tags(tags),
                lsn,
                lsn,
                lsn,
                timeline,
                "",
                Map.of(),
                "",
                false,
                0,
                1);
    }

    public static Lsn megabytes(long megabytes) {
        return new Lsn(megabytes * 1024 * 1024);
    }
}
