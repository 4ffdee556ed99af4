package io.pgnode.gateway.route.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.HostPort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final CheckTimes TIMES =
            new CheckTimes(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(3),
                    3,
                    2);

    private final Health health = new Health(TIMES);

    /** {@code +} accepted, {@code -} refused, {@code .} silent. */
    private Condition after(String answers) {
        for (int i = 0; i < answers.length(); i++) {
            switch (answers.charAt(i)) {
                case '+' -> health.accepted("L7OK", 200, 1);
                case '-' -> health.refused("L7STS", 503, 1);
                default -> health.silent("L4CON", 1, "Connection refused");
            }
        }
        return health.condition();
    }

    @Test
    void theFirstAnswerCounts() {
        assertThat(after("+")).isEqualTo(Condition.UP);
        assertThat(health.pause()).isEqualTo(TIMES.inter());
    }

    @Test
    void oneRefusalDoesNotCount() {
        assertThat(after("+-")).isEqualTo(Condition.UP);
        assertThat(health.pause()).isEqualTo(TIMES.fast());
        assertThat(after("-")).isEqualTo(Condition.DOWN);
        assertThat(health.pause()).isEqualTo(TIMES.down());
        assertThat(health.report().failures()).isEqualTo(2);
    }

    @Test
    void comesBackAfterEnoughGoodAnswers() {
        assertThat(after("-++")).isEqualTo(Condition.DOWN);
        assertThat(health.pause()).isEqualTo(TIMES.fast());
        assertThat(after("+")).isEqualTo(Condition.UP);
    }

    @Test
    void aBadAnswerOnTheWayUpStartsAnew() {
        assertThat(after("-++-++")).isEqualTo(Condition.DOWN);
        assertThat(after("+")).isEqualTo(Condition.UP);
    }

    @Test
    void silenceMakesDoubtfulAndARefusalThenEndsTheDoubt() {
        assertThat(after("+..")).isEqualTo(Condition.DOUBTFUL);
        assertThat(after("-")).isEqualTo(Condition.DOWN);
    }

    @Test
    void silenceOfWhoWasNeverUpIsDown() {
        assertThat(after(".")).isEqualTo(Condition.DOWN);
        assertThat(after("-..")).isEqualTo(Condition.DOWN);
    }

    @Test
    void aSilentPrimaryLosesToOneThatAnswers() {
        List<StaticMember> members = List.of(member("pg-1"), member("pg-2"));
        ServiceSpec spec = ServiceSpec.of("p", 1, ServiceMode.TCP, RoleRule.PRIMARY, List.of());
        var first = new StaticRoutes.Check("pg-1", "/primary");
        var second = new StaticRoutes.Check("pg-2", "/primary");
        var doubtful = new StaticRoutes.Finding(Condition.DOUBTFUL, CheckReport.NONE);

        assertThat(StaticRoutes.servers(spec, members, Map.of(first, doubtful)))
                .extracting(ServerView::condition)
                .containsExactly(Condition.DOUBTFUL, Condition.DOWN);
        assertThat(
                        StaticRoutes.servers(
                                spec,
                                members,
                                Map.of(
                                        first,
                                        doubtful,
                                        second,
                                        new StaticRoutes.Finding(Condition.UP, CheckReport.NONE))))
                .extracting(ServerView::condition)
                .containsExactly(Condition.DOWN, Condition.UP);
    }

    @Test
    void asksEachMemberOncePerPath() {
        assertThat(
                        StaticRoutes.checks(
                                List.of(
                                        ServiceSpec.of(
                                                "p",
                                                1,
                                                ServiceMode.TCP,
                                                RoleRule.PRIMARY,
                                                List.of()),
                                        ServiceSpec.of(
                                                        "r",
                                                        2,
                                                        ServiceMode.TCP,
                                                        RoleRule.REPLICA,
                                                        List.of(RoleRule.PRIMARY))
                                                .withMaxLag(1024)),
                                List.of(member("pg-1"))))
                .extracting(StaticRoutes.Check::path)
                .containsExactly("/primary", "/replica?lag=1024");
    }

    private static StaticMember member(String name) {
        return new StaticMember(
                name,
                new HostPort("10.0.0.1", 5432),
                new HostPort("10.0.0.1", 8008),
                MemberTraits.PLAIN);
    }
}
