package io.pgnode.gateway;

import static io.pgnode.gateway.NodesUnderTest.FIRST;
import static io.pgnode.gateway.NodesUnderTest.SECOND;
import static io.pgnode.gateway.NodesUnderTest.ask;
import static io.pgnode.gateway.NodesUnderTest.connect;
import static io.pgnode.gateway.NodesUnderTest.connectAs;
import static io.pgnode.gateway.NodesUnderTest.serverPort;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.feed.HoldDesk;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.postgres.StopMode;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.RealPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Two nodes with pooler and services; the last tests change who leads. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodePoolerTest {
    private static NodesUnderTest nodes;
    private static NodesUnderTest.Node one;
    private static NodesUnderTest.Node two;

    @BeforeAll
    static void start() throws Exception {
        nodes = new NodesUnderTest();
        one = nodes.first();
        two = nodes.second();
    }

    @AfterAll
    static void stop() throws Exception {
        nodes.close();
    }

    @BeforeEach
    void theFirstLeads() {
        nodes.feed().tell(FIRST, 1);
    }

    private static int portOf(NodesUnderTest.Node node) {
        return node.postgres.settings().port();
    }

    @Test
    @Order(1)
    void eachPortLeadsToItsMembers() throws Exception {
        try (Connection local = connect(one.pooler);
                Connection localToo = connect(two.pooler);
                Connection primary = connect(one.primary);
                Connection primaryElsewhere = connect(two.primary);
                Connection replica = connect(two.replica);
                Connection replicaElsewhere = connect(one.replica)) {
            assertThat(serverPort(local)).isEqualTo(portOf(one));
            assertThat(serverPort(localToo)).isEqualTo(portOf(two));
            assertThat(serverPort(primary)).isEqualTo(portOf(one));
            assertThat(serverPort(primaryElsewhere)).isEqualTo(portOf(one));
            assertThat(serverPort(replica)).isEqualTo(portOf(two));
            assertThat(serverPort(replicaElsewhere)).isEqualTo(portOf(two));
            assertThat(ask(primaryElsewhere, "SELECT current_user")).isEqualTo("app");
            ask(primaryElsewhere, "UPDATE accounts SET balance = balance WHERE id = 1");
        }
    }

    @Test
    @Order(2)
    void nobodyLearnsWhichRolesThereAre() {
        for (int port : List.of(one.pooler, two.primary, two.replica)) {
            String wrong = "FATAL: password authentication failed";
            assertThatThrownBy(() -> connectAs(port, "postgres", "app", "x").close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(wrong);
            assertThatThrownBy(() -> connectAs(port, "postgres", "nobody", "x").close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(wrong);
        }
        assertThatThrownBy(
                        () ->
                                connectAs(one.primary, "nowhere", "app", NodesUnderTest.PASSWORD)
                                        .close())
                .hasMessageContaining("database \"nowhere\" does not exist");
    }

    @Test
    @Order(3)
    void rolesAreReadAnewAndExpire() throws Exception {
        one.postgres.sql("CREATE ROLE brief LOGIN PASSWORD 'a'");
        connectAs(one.pooler, "postgres", "brief", "a").close();
        one.postgres.sql("ALTER ROLE brief PASSWORD 'b'");
        await().ignoreExceptions()
                .untilAsserted(() -> connectAs(one.pooler, "postgres", "brief", "b").close());
        one.postgres.sql("ALTER ROLE brief VALID UNTIL '2001-01-01'");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThatThrownBy(
                                                () ->
                                                        connectAs(
                                                                        one.pooler,
                                                                        "postgres",
                                                                        "brief",
                                                                        "b")
                                                                .close())
                                        .hasMessageContaining("password authentication failed"));
    }

    @Test
    @Order(4)
    void theConsoleShowsAllPools() throws Exception {
        try (Connection held = connect(two.primary);
                Connection admin =
                        connectAs(
                                two.pooler,
                                "pgbouncer",
                                "postgres",
                                RealPostgres.SUPERUSER.password(),
                                "preferQueryMode",
                                "simple");
                Statement statement = admin.createStatement();
                ResultSet rows = statement.executeQuery("SHOW POOLS")) {
            assertThat(ask(held, "SELECT 1")).isEqualTo("1");
            List<String> databases = new ArrayList<>();
            while (rows.next()) {
                databases.add(rows.getString("database"));
            }
            assertThat(databases).contains("postgres@primary", "pgbouncer");
            assertThat(ask(admin, "SHOW CONFIG")).isNotEmpty();
        }
        assertThatThrownBy(() -> connectAs(one.pooler, "pgbouncer", "app", NodesUnderTest.PASSWORD))
                .hasMessageContaining("not allowed");
    }

    @Test
    @Order(5)
    void statisticsShowPooledServices() throws Exception {
        try (Connection client = connect(one.primary);
                HttpClient http = HttpClient.newHttpClient()) {
            assertThat(ask(client, "SELECT 1")).isEqualTo("1");
            String csv = get(http, one.stats, "/;csv");
            assertThat(csv).contains("\npg-test-primary,FRONTEND,", "\npg-test-primary,pg-test-1,");
            assertThat(csv).contains("\npg-test-replica,pg-test-2,");
            String metrics = get(http, one.stats, "/metrics");
            assertThat(metrics).contains("pgbouncer_pools_", "haproxy_");
        }
    }

    private static String get(HttpClient http, int port, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    @Order(6)
    void settingsFollowAClientThroughALink() throws Exception {
        List<Connection> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                clients.add(
                        connect(
                                two.primary,
                                "options",
                                "-c statement_timeout=" + (1001 + i),
                                "ApplicationName",
                                "client-" + i));
            }
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < clients.size(); i++) {
                    assertThat(ask(clients.get(i), "SHOW statement_timeout"))
                            .isEqualTo((1001 + i) + "ms");
                    assertThat(ask(clients.get(i), "SHOW application_name"))
                            .isEqualTo("client-" + i);
                }
            }
        } finally {
            for (Connection client : clients) {
                client.close();
            }
        }
    }

    @Test
    @Order(7)
    void aReaderGoesToAnotherMemberWhenItsOwnIsGone() throws Exception {
        try (Connection reader = connect(one.replica)) {
            assertThat(serverPort(reader)).isEqualTo(portOf(two));
            nodes.feed().tell(FIRST, 1, Set.of(SECOND));
            await().untilAsserted(() -> assertThat(serverPort(reader)).isEqualTo(portOf(one)));
            nodes.feed().tell(FIRST, 1);
            await().untilAsserted(() -> assertThat(serverPort(reader)).isEqualTo(portOf(two)));
        }
    }

    @Test
    @Order(8)
    void readersWaitWhileNobodyServes() throws Exception {
        nodes.feed().tell("", 1, Set.of(FIRST, SECOND));
        await().until(() -> !one.report("replica").isUp());
        try (Connection reader = connect(one.replica)) {
            CompletableFuture<Integer> answer = later(reader);
            await().until(() -> one.report("replica").backend().queued() == 1);
            assertThat(answer).isNotDone();
            nodes.feed().tell(FIRST, 1);
            assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(portOf(two));
        }
    }

    /** Asks on a thread of its own. */
    private static CompletableFuture<Integer> later(Connection connection) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                answer.complete(serverPort(connection));
                            } catch (SQLException e) {
                                answer.completeExceptionally(e);
                            }
                        });
        return answer;
    }

    @Test
    @Order(9)
    void reloadMovesListenersAndLeavesClientsAlone() throws Exception {
        int moved = FreePorts.next();
        try (Connection client = connect(one.pooler)) {
            String more = "settings: { default_pool_size: 7 }";
            assertThat(one.gateway().reload(nodes.config(one, moved, more))).isEmpty();
            assertThat(serverPort(client)).isEqualTo(portOf(one));
            connect(moved).close();
            assertThatThrownBy(() -> connect(one.pooler)).isInstanceOf(SQLException.class);
            assertThat(one.gateway().reload(nodes.config(one, moved, "settings: { pool_mode: x }")))
                    .singleElement()
                    .asString()
                    .contains("pooler.settings.pool_mode", "pool_mode is \"x\"");
            assertThat(one.gateway().reload(nodes.config(one, one.pooler, ""))).isEmpty();
            connect(one.pooler).close();
        }
    }

    @Test
    @Order(10)
    void clientsLogInAndWaitWhileNobodyIsPrimary() throws Exception {
        one.postgres.sql("CREATE DATABASE fresh");
        one.postgres.sql("CREATE ROLE late LOGIN PASSWORD 'late'");
        String isThere = "SELECT count(*) FROM pg_roles WHERE rolname = 'late'";
        await().until(() -> "1".equals(two.postgres.sql(isThere))); // it is a standby
        nodes.feed().tell("", 1);
        for (NodesUnderTest.Node node : List.of(one, two)) {
            await().until(() -> !node.report("primary").isUp());
        }
        try (Connection known = connect(one.primary);
                Connection other = connect(two.primary);
                Connection fresh = connectAs(two.primary, "fresh", "late", "late")) {
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            for (Connection each : List.of(known, other, fresh)) {
                answers.add(later(each));
            }
            await().until(() -> two.report("primary").backend().queued() == 2);
            assertThat(answers).noneMatch(CompletableFuture::isDone);
            nodes.feed().tell(FIRST, 1);
            for (CompletableFuture<Integer> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(portOf(one));
            }
        }
    }

    @Test
    @Order(10)
    void noServerInRecoveryServesThePrimarysClients() throws Exception {
        nodes.feed().tell("", 1);
        for (NodesUnderTest.Node node : List.of(one, two)) {
            await().until(() -> !node.report("primary").isUp());
        }
        try (Connection linked = connect(one.primary);
                Connection local = connect(two.primary)) {
            List<CompletableFuture<Integer>> answers = List.of(later(linked), later(local));
            nodes.feed().tell(SECOND, 1);
            await().during(Duration.ofMillis(700))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> answers.stream().noneMatch(CompletableFuture::isDone));
            nodes.feed().tell(FIRST, 1);
            for (CompletableFuture<Integer> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(portOf(one));
            }
        }
    }

    @Test
    @Order(11)
    void knownRolesLogInWhileTheirOwnPostgresIsDown() throws Exception {
        connect(two.primary).close();
        two.postgres.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
        try {
            await().during(Duration.ofSeconds(7))
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(
                            () -> {
                                try (Connection client = connect(two.primary)) {
                                    assertThat(serverPort(client)).isEqualTo(portOf(one));
                                }
                            });
        } finally {
            two.postgres.startStandbyOf(one.postgres);
        }
    }

    @Test
    @Order(12)
    void aHoldOfThePrimaryEndsWithTheNextEpoch() throws Exception {
        HoldDesk holds = two.holds();
        try (Connection client = connect(two.primary);
                Connection reader = connect(two.replica)) {
            assertThat(serverPort(client)).isEqualTo(portOf(one));
            HoldStatus held =
                    holds.hold(new HoldRequest("test", HoldScope.PRIMARY, 1, Duration.ofMinutes(1)))
                            .get(10, TimeUnit.SECONDS);
            assertThat(held.isDrained()).isTrue();
            CompletableFuture<Integer> answer = later(client);
            await().until(() -> holds.status(HoldScope.PRIMARY).waiting() == 1);
            assertThat(serverPort(reader)).as("readers go on").isEqualTo(portOf(two));
            assertThat(answer).isNotDone();

            nodes.feed().tell(FIRST, 2);

            assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(portOf(one));
            assertThat(holds.status(HoldScope.PRIMARY).isHeld()).isFalse();
        }
    }

    @Test
    @Order(20)
    void clientsDoNotNoticeThatThePrimaryMoves() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int port = i % 2 == 0 ? one.primary : two.primary;
            int number = i;
            clients.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try (Connection client = connect(port)) {
                                            client.setAutoCommit(false);
                                            while (!isOver.get()) {
                                                transfer(client, number);
                                                done.incrementAndGet();
                                            }
                                        } catch (Throwable e) {
                                            errors.add(e);
                                        }
                                    }));
        }
        await().until(() -> done.get() > 200);
        nodes.feed().tell("", 3);
        await().untilAsserted(
                        () ->
                                assertThat(
                                                one.postgres.sql(
                                                        "SELECT count(*) FROM pg_stat_activity WHERE"
                                                                + " usename = 'app' AND state <>"
                                                                + " 'idle'"))
                                        .isEqualTo("0"));
        nodes.switchOver();
        int before = done.get();
        nodes.feed().tell(SECOND, 4, Set.of(FIRST));
        await().until(() -> done.get() > before + 200);
        isOver.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(errors).isEmpty();
        assertThat(two.postgres.sql("SELECT sum(balance) FROM accounts")).isEqualTo("2000");
        try (Connection client = connect(one.primary)) {
            assertThat(serverPort(client)).isEqualTo(portOf(two));
        }
    }

    private static void transfer(Connection client, int number) throws SQLException {
        ask(client, "UPDATE accounts SET balance = balance - 1 WHERE id = " + (number + 1));
        ask(client, "UPDATE accounts SET balance = balance + 1 WHERE id = 20");
        client.commit();
    }
}
