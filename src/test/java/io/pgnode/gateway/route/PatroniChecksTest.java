package io.pgnode.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.gateway.route.core.CheckTimes;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.MemberTraits;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.StaticMember;
import io.pgnode.model.HostPort;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against REST APIs that answer what a test wants. */
class PatroniChecksTest {
    private static final CheckTimes TIMES =
            new CheckTimes(
                    Duration.ofMillis(50),
                    Duration.ofMillis(20),
                    Duration.ofMillis(50),
                    Duration.ofMillis(500),
                    2,
                    3);
    private static final ServiceSpec PRIMARY =
            ServiceSpec.of("primary", 1, ServiceMode.TCP, RoleRule.PRIMARY, List.of());
    private static final ServiceSpec REPLICA =
            ServiceSpec.of(
                            "replica",
                            2,
                            ServiceMode.TCP,
                            RoleRule.REPLICA,
                            List.of(RoleRule.PRIMARY))
                    .withMaxLag(1_000_000);

    private final Vertx vertx = Vertx.vertx();

    private final class FakeMember {
        final Set<String> yes = ConcurrentHashMap.newKeySet();
        final Set<Object> connections = ConcurrentHashMap.newKeySet();
        volatile boolean isMute;
        final HttpServer server;

        FakeMember() throws Exception {
            server =
                    vertx.createHttpServer()
                            .connectionHandler(connections::add)
                            .requestHandler(
                                    request -> {
                                        if (!isMute) {
                                            request.response()
                                                    .setStatusCode(
                                                            yes.contains(request.uri()) ? 200 : 503)
                                                    .end();
                                        }
                                    })
                            .listen(0, "127.0.0.1")
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(5, TimeUnit.SECONDS);
        }

        StaticMember as(String name) {
            return new StaticMember(
                    name,
                    new HostPort("127.0.0.1", 5432),
                    new HostPort("127.0.0.1", server.actualPort()),
                    MemberTraits.PLAIN);
        }
    }

    private final FakeMember first = new FakeMember();
    private final FakeMember second = new FakeMember();
    private final PatroniChecks checks =
            new PatroniChecks(
                    vertx,
                    List.of(first.as("pg-1"), second.as("pg-2")),
                    new CheckSettings(TIMES, "OPTIONS", null),
                    System::nanoTime);

    PatroniChecksTest() throws Exception {}

    @BeforeEach
    void begin() {
        first.yes.add("/primary");
        second.yes.add("/replica?lag=1000000");
        checks.watch(List.of(PRIMARY, REPLICA));
        expect(PRIMARY, Condition.UP, Condition.DOWN);
    }

    @AfterEach
    void end() throws Exception {
        checks.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void expect(ServiceSpec spec, Condition... conditions) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () ->
                                assertThat(checks.servers(spec, 0))
                                        .extracting(ServerView::condition)
                                        .containsExactly(conditions));
    }

    @Test
    void findsTheRolesAndTheBackup() {
        expect(REPLICA, Condition.UP, Condition.UP);
        assertThat(checks.servers(REPLICA, 0))
                .extracting(ServerView::isBackup)
                .containsExactly(true, false);
        assertThat(checks.servers(PRIMARY, 0).getFirst().check().status()).isEqualTo("L7OK");
        assertThat(checks.servers(PRIMARY, 0).getLast().why()).isEqualTo("/primary: L7STS/503");
    }

    @Test
    void followsASwitchover() {
        first.yes.remove("/primary");
        expect(PRIMARY, Condition.DOWN, Condition.DOWN);

        second.yes.add("/primary");
        expect(PRIMARY, Condition.DOWN, Condition.UP);
    }

    @Test
    void silenceIsOnlyADoubt() throws Exception {
        first.server.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);

        expect(PRIMARY, Condition.DOUBTFUL, Condition.DOWN);
        assertThat(checks.servers(PRIMARY, 0).getFirst().check().status()).startsWith("L4");

        second.yes.add("/primary");
        expect(PRIMARY, Condition.DOWN, Condition.UP);
    }

    @Test
    void aHangingApiIsOnlyADoubt() {
        first.isMute = true;

        expect(PRIMARY, Condition.DOUBTFUL, Condition.DOWN);
        assertThat(checks.servers(PRIMARY, 0).getFirst().check().status()).isEqualTo("L7TOUT");

        first.isMute = false;
        expect(PRIMARY, Condition.UP, Condition.DOWN);
    }

    @Test
    void keepsItsConnections() {
        int before = first.connections.size();
        first.yes.remove("/primary");
        expect(PRIMARY, Condition.DOWN, Condition.DOWN);

        assertThat(first.connections.size()).isEqualTo(before).isLessThanOrEqualTo(2);
    }

    @Test
    void membersAndTimesChangeWhileItRuns() throws Exception {
        FakeMember third = new FakeMember();
        CheckTimes slower =
                new CheckTimes(
                        Duration.ofMillis(60),
                        Duration.ofMillis(30),
                        Duration.ofMillis(60),
                        Duration.ofMillis(500),
                        1,
                        2);
        List<ServerView> before = checks.servers(PRIMARY, 0);
        checks.onChange(
                () ->
                        assertThat(checks.servers(PRIMARY, 0).getFirst().condition())
                                .as("what is known stays")
                                .isEqualTo(Condition.UP));

        checks.reload(
                List.of(first.as("pg-1"), third.as("pg-3")),
                new CheckSettings(slower, "GET", null));

        await().untilAsserted(
                        () ->
                                assertThat(checks.servers(PRIMARY, 0))
                                        .extracting(ServerView::name)
                                        .containsExactly("pg-1", "pg-3"));
        expect(PRIMARY, Condition.UP, Condition.DOWN);
        assertThat(before).hasSize(2);
        await().until(() -> !third.connections.isEmpty());
        third.yes.add("/primary");
        expect(PRIMARY, Condition.UP, Condition.UP);
    }
}
