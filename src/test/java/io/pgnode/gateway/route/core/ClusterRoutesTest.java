package io.pgnode.gateway.route.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SampleClusters;
import io.pgnode.model.HostPort;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ClusterRoutesTest {
    private static final long DEADLINE = 10_000;
    private static final List<ServiceSpec> SERVICES = ServiceSpec.defaults("pg");
    private static final ServiceSpec PRIMARY = SERVICES.get(0);
    private static final ServiceSpec REPLICA = SERVICES.get(1);
    private static final ServiceSpec DEFAULT = SERVICES.get(2);
    private static final ServiceSpec OFFLINE = SERVICES.get(3);

    private static Member member(String name, MemberRole role, long replay, String... tags) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < tags.length; i += 2) {
            values.put(tags[i], tags[i + 1]);
        }
        return SampleClusters.member(
                name,
                new HostPort("10.0.0." + name.charAt(name.length() - 1), 5432),
                role,
                "running",
                replay,
                values);
    }

    private static Member stopped(Member member) {
        HostPort postgres = Objects.requireNonNull(member.postgres());
        return SampleClusters.member(
                member.name().value(),
                postgres,
                member.role(),
                "stopped",
                member.replayLsn().value(),
                Map.of());
    }

    private static ClusterSnapshot snapshot(String leader, Member... members) {
        return new ClusterSnapshot(SampleClusters.view(1, leader, 7, List.of(members)), DEADLINE);
    }

    /** Such as {@code pg-1 UP, pg-2 DOWN, pg-3 UP backup}. */
    private static String routes(ServiceSpec spec, ClusterSnapshot snapshot, long now) {
        return String.join(
                ", ",
                ClusterRoutes.servers(spec, snapshot, now).stream()
                        .map(
                                server ->
                                        server.name()
                                                + " "
                                                + server.condition()
                                                + (server.isBackup() ? " backup" : ""))
                        .toList());
    }

    private static final ClusterSnapshot NORMAL =
            snapshot(
                    "pg-1",
                    member("pg-1", MemberRole.PRIMARY, 1000),
                    member("pg-2", MemberRole.REPLICA, 1000),
                    member("pg-3", MemberRole.REPLICA, 1000, "role", "offline"));

    @Test
    void eachServiceHasItsMembers() {
        assertThat(routes(PRIMARY, NORMAL, 0)).isEqualTo("pg-1 UP, pg-2 DOWN, pg-3 DOWN");
        assertThat(routes(REPLICA, NORMAL, 0)).isEqualTo("pg-1 UP backup, pg-2 UP, pg-3 DOWN");
        assertThat(routes(DEFAULT, NORMAL, 0)).isEqualTo("pg-1 UP, pg-2 DOWN, pg-3 DOWN");
        assertThat(routes(OFFLINE, NORMAL, 0)).isEqualTo("pg-1 DOWN, pg-2 UP backup, pg-3 UP");
    }

    @Test
    void pooledServicesGoToThePooler() {
        assertThat(ClusterRoutes.servers(PRIMARY, NORMAL, 0).getFirst().address())
                .isEqualTo(new HostPort("10.0.0.1", 6432));
        assertThat(ClusterRoutes.servers(DEFAULT, NORMAL, 0).getFirst().address())
                .isEqualTo(new HostPort("10.0.0.1", 5432));
    }

    @Test
    void aMemberMaySayWhereItsPoolerListens() {
        ClusterSnapshot snapshot =
                snapshot(
                        "pg-1",
                        member("pg-1", MemberRole.PRIMARY, 1000, "pooler_port", "16432"),
                        member("pg-2", MemberRole.REPLICA, 1000, "pooler_port", "none"));

        assertThat(ClusterRoutes.servers(PRIMARY, snapshot, 0))
                .extracting(server -> server.address().port())
                .containsExactly(16432, 6432);
        assertThat(ClusterRoutes.servers(DEFAULT, snapshot, 0))
                .extracting(server -> server.address().port())
                .containsExactly(5432, 5432);
    }

    @Test
    void nobodyIsPrimaryOnceTheLeaseHasRunOut() {
        assertThat(routes(PRIMARY, NORMAL, DEADLINE - 1)).startsWith("pg-1 UP");
        assertThat(routes(PRIMARY, NORMAL, DEADLINE)).startsWith("pg-1 DOWN");
        assertThat(routes(REPLICA, NORMAL, DEADLINE)).startsWith("pg-1 DOWN");
        assertThat(routes(REPLICA, NORMAL, DEADLINE)).contains("pg-2 UP");
    }

    @Test
    void aPrimaryThatIsNotTheLeaderServesNobody() {
        ClusterSnapshot snapshot =
                snapshot(
                        "pg-2",
                        member("pg-1", MemberRole.PRIMARY, 1000),
                        member("pg-2", MemberRole.REPLICA, 1000));

        assertThat(routes(PRIMARY, snapshot, 0)).isEqualTo("pg-1 DOWN, pg-2 DOWN");
        assertThat(routes(REPLICA, snapshot, 0)).isEqualTo("pg-1 DOWN, pg-2 UP");
    }

    @Test
    void tagsSelectAndWeigh() {
        ClusterSnapshot snapshot =
                snapshot(
                        "",
                        member("pg-1", MemberRole.REPLICA, 1000, "noloadbalance", "true"),
                        member("pg-2", MemberRole.REPLICA, 1000, "offline_query", "true"),
                        member("pg-3", MemberRole.REPLICA, 1000, "weight", "7"));

        assertThat(routes(REPLICA, snapshot, 0)).isEqualTo("pg-1 DOWN, pg-2 UP, pg-3 UP");
        assertThat(routes(OFFLINE, snapshot, 0)).isEqualTo("pg-1 DOWN, pg-2 UP, pg-3 UP backup");
        assertThat(ClusterRoutes.servers(REPLICA, snapshot, 0))
                .extracting(ServerView::weight)
                .containsExactly(100, 100, 7);
    }

    @Test
    void aMemberThatDoesNotRunServesNobody() {
        ClusterSnapshot snapshot =
                snapshot("pg-1", stopped(member("pg-1", MemberRole.PRIMARY, 1000)));

        assertThat(ClusterRoutes.servers(PRIMARY, snapshot, 0).getFirst().why())
                .isEqualTo("state is stopped");
    }

    @Test
    void laggingStandbysAreLeftOutButTheLastOneStays() {
        ServiceSpec readers =
                ServiceSpec.of("readers", 1, ServiceMode.TCP, RoleRule.REPLICA, List.of())
                        .withMaxLag(500);
        Member leader = member("pg-1", MemberRole.PRIMARY, 2000);
        Member near = member("pg-2", MemberRole.REPLICA, 1500);
        Member far = member("pg-3", MemberRole.REPLICA, 1000);
        Member farther = member("pg-4", MemberRole.REPLICA, 900);

        assertThat(routes(readers, snapshot("pg-1", leader, near, far), 0))
                .isEqualTo("pg-1 DOWN, pg-2 UP, pg-3 DOWN");
        assertThat(routes(readers, snapshot("pg-1", leader, farther, far), 0))
                .isEqualTo("pg-1 DOWN, pg-3 UP, pg-4 DOWN");
    }

    @Test
    void laggingStandbysLeaveTheReadersToABackup() {
        Member leader = member("pg-1", MemberRole.PRIMARY, 2000);
        Member far = member("pg-2", MemberRole.REPLICA, 1000);

        assertThat(routes(REPLICA.withMaxLag(500), snapshot("pg-1", leader, far), 0))
                .isEqualTo("pg-1 UP backup, pg-2 DOWN");
    }
}
