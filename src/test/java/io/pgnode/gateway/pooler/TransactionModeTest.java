package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TransactionModeTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig =
                PoolerRig.start(
                        "pool_size=2", "pool_mode = transaction\nmax_prepared_statements = 3");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void manyClientsShareFewServers() throws Exception {
        Set<String> servers = new HashSet<>();
        List<Connection> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Connection client = rig.connect();
                clients.add(client);
                servers.add(value(client, PID));
            }
        } finally {
            for (Connection client : clients) {
                client.close();
            }
        }

        assertThat(servers).hasSizeBetween(1, 2);
    }

    @Test
    void aTransactionKeepsItsServerAndSeesItsOwnChanges() throws Exception {
        try (Connection one = rig.connect();
                Connection two = rig.connect()) {
            one.setAutoCommit(false);
            value(one, "CREATE TABLE kept (a int)");
            String server = value(one, PID);
            for (int i = 0; i < 5; i++) {
                assertThat(value(two, PID)).isNotEqualTo(server);
                assertThat(value(one, PID)).isEqualTo(server);
            }
            assertThat(value(one, "SELECT count(*) FROM kept")).isEqualTo("0");
            one.rollback();
            assertThat(value(two, "SELECT to_regclass('kept')")).isNull();
        }
    }

    @Test
    void settingsFollowTheirClients() throws Exception {
        try (Connection one = rig.connect("&ApplicationName=one");
                Connection two = rig.connect("&ApplicationName=two")) {
            value(one, "SET TimeZone = 'Asia/Tokyo'");
            value(two, "SET TimeZone = 'Europe/Oslo'");
            for (int i = 0; i < 10; i++) {
                assertThat(value(one, "SHOW application_name")).isEqualTo("one");
                assertThat(value(two, "SHOW application_name")).isEqualTo("two");
                assertThat(value(one, "SHOW TimeZone")).isEqualTo("Asia/Tokyo");
                assertThat(value(two, "SHOW TimeZone")).isEqualTo("Europe/Oslo");
            }
        }
    }

    @Test
    void preparedStatementsWorkOnWhicheverServerComes() throws Exception {
        try (Connection one = rig.connect("&prepareThreshold=1");
                Connection two = rig.connect("&prepareThreshold=1")) {
            for (int round = 0; round < 10; round++) {
                for (Connection client : List.of(one, two)) {
                    for (int i = 0; i < 6; i++) {
                        try (PreparedStatement statement =
                                client.prepareStatement("SELECT ?::int + " + i)) {
                            statement.setInt(1, round);
                            try (ResultSet rows = statement.executeQuery()) {
                                assertThat(rows.next()).isTrue();
                                assertThat(rows.getInt(1)).isEqualTo(round + i);
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void statementsPreparedBySqlWorkOnWhicheverServerComes() throws Exception {
        String simple = "&preferQueryMode=simple";
        try (Connection one = rig.connect(simple);
                Connection two = rig.connect(simple)) {
            value(one, "PREPARE plan (int) AS SELECT $1 + 1");
            value(two, "PREPARE plan (int) AS SELECT $1 + 2");
            for (int i = 0; i < 10; i++) {
                assertThat(value(one, "EXECUTE plan(" + i + ")")).isEqualTo("" + (i + 1));
                assertThat(value(two, "EXECUTE plan(" + i + ")")).isEqualTo("" + (i + 2));
            }
            assertThatThrownBy(() -> value(one, "PREPARE plan AS SELECT 1"))
                    .hasMessageContaining("already exists");
            assertThat(value(one, "EXECUTE plan(1)")).isEqualTo("2");
            value(one, "DEALLOCATE plan");
            assertThatThrownBy(() -> value(one, "EXECUTE plan(1)"))
                    .hasMessageContaining("\"plan\" does not exist");
            assertThatThrownBy(() -> value(one, "PREPARE broken AS SELECT FROM nowhere"))
                    .hasMessageContaining("nowhere");
            value(one, "PREPARE broken AS SELECT 5");
            assertThat(value(one, "EXECUTE broken")).isEqualTo("5");
            assertThat(value(two, "EXECUTE plan(1)")).isEqualTo("3");
        }
    }

    @Test
    void anErrorInABatchLeavesTheConnectionUsable() throws Exception {
        try (Connection client = rig.connect("&prepareThreshold=1")) {
            for (int i = 0; i < 3; i++) {
                try (PreparedStatement statement = client.prepareStatement("SELECT 1 / ?::int")) {
                    for (int divisor : new int[] {1, 0, 2}) {
                        statement.setInt(1, divisor);
                        statement.addBatch();
                    }
                    assertThatThrownBy(statement::executeBatch).isInstanceOf(SQLException.class);
                }
                assertThat(value(client, "SELECT 7")).isEqualTo("7");
            }
        }
    }

    @Test
    void copyGoesBothWays() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            rows.append(i).append("\tsome text\n");
        }
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.query("CREATE TABLE copied (a int, b text)");
            assertThat(client.expectReady()).contains("CREATE TABLE");

            assertThat(client.copyIn("COPY copied FROM STDIN", rows.toString()))
                    .contains("COPY 50000");
            client.query("COPY copied TO STDOUT");
            assertThat(client.expectReady())
                    .contains("d0\tsome text", "d49999\tsome text", "COPY 50000");
            assertThatThrownBy(() -> client.copyIn("COPY copied FROM STDIN", "x\n"))
                    .hasMessageContaining("invalid input syntax");
        }
        try (Connection other = rig.connect()) {
            assertThat(value(other, "SELECT count(*) FROM copied")).isEqualTo("50000");
            value(other, "DROP TABLE copied");
        }
    }

    @Test
    void copyDataThatComesAfterTheServerGaveUpIsDropped() throws Exception {
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.query("COPY nowhere FROM STDIN");
            assertThatThrownBy(client::expectReady).hasMessageContaining("nowhere");
            client.skipToReady();
            client.copyData("1\n");
            client.copyDone();
            client.query("SELECT 'still here'");

            assertThat(client.expectReady()).contains("still here");
        }
    }

    @Test
    void aClientThatVanishesInATransactionCostsNoServer() throws Exception {
        String server;
        try (Connection watcher = rig.postgres().connect()) {
            Connection client = rig.connect();
            client.setAutoCommit(false);
            value(client, "CREATE TABLE vanished (a int)");
            server = value(client, PID);
            client.abort(Runnable::run);

            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(
                            () ->
                                    "idle"
                                            .equals(
                                                    value(
                                                            watcher,
                                                            "SELECT state FROM pg_stat_activity WHERE pid = "
                                                                    + server)));
        }
        try (Connection next = rig.connect()) {
            assertThat(value(next, "SELECT to_regclass('vanished')")).isNull();
        }
    }

    @Test
    void theQueryOfAClientThatVanishesIsCancelled() throws Exception {
        try (Connection watcher = rig.postgres().connect();
                ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
            Connection client = rig.connect();
            Future<?> query = background.submit(() -> value(client, "SELECT pg_sleep(60)"));
            Awaitility.await().until(() -> sleepers(watcher), "1"::equals);
            client.abort(Runnable::run);

            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> sleepers(watcher), "0"::equals);
            assertThatThrownBy(query::get).hasCauseInstanceOf(SQLException.class);
        }
    }

    private static String sleepers(Connection watcher) throws SQLException {
        return String.valueOf(
                value(
                        watcher,
                        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query ="
                                + " 'SELECT pg_sleep(60)'"));
    }

    @Test
    void aCancelRequestHitsItsOwnQueryOnly() throws Exception {
        try (Connection one = rig.connect();
                Connection two = rig.connect();
                Connection watcher = rig.postgres().connect();
                ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
                Statement slow = one.createStatement()) {
            Future<?> query = background.submit(() -> slow.execute("SELECT pg_sleep(60)"));
            Awaitility.await().until(() -> sleepers(watcher), "1"::equals);
            Future<String> other =
                    background.submit(() -> value(two, "SELECT pg_sleep(1)::text || 'done'"));
            slow.cancel();

            assertThatThrownBy(query::get).hasMessageContaining("canceling statement");
            assertThat(other.get()).isEqualTo("done");
            assertThat(value(one, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aStartupParameterThatTheServerRefusesEndsTheConnectionBeforeTheQueryRuns()
            throws Exception {
        try (Connection watcher = rig.postgres().connect()) {
            value(watcher, "CREATE TABLE untouched (a int)");
            assertThatThrownBy(
                            () -> {
                                try (RawClient client = new RawClient(rig.port())) {
                                    client.login("somebody", "postgres", "work_mem", "nonsense");
                                    client.query("INSERT INTO untouched VALUES (1)");
                                    client.expectReady();
                                }
                            })
                    .hasMessageContaining("work_mem");
            assertThat(value(watcher, "SELECT count(*) FROM untouched")).isEqualTo("0");
            value(watcher, "DROP TABLE untouched");
        }
    }

    @Test
    void requestsThatComeByteByByteAreTheSame() throws Exception {
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.slowly();
            client.query("SELECT 'slow'");

            assertThat(client.expectReady()).contains("slow");
        }
    }

    @Test
    void nonsenseEndsTheConnectionAndDisturbsNobody() throws Exception {
        try (Connection other = rig.connect()) {
            for (byte[] junk :
                    List.of(
                            new byte[] {'?', 0, 0, 0, 4},
                            new byte[] {'Q', 0, 0, 0, 0},
                            new byte[] {'Q', -1, -1, -1, -1},
                            new byte[] {'B', 0, 0, 0, 5, 'x'},
                            new byte[] {'P', 0, 0, 0, 6, 'x', 'y'},
                            new byte[] {'p', 0, 0, 0, 4})) {
                try (RawClient client = new RawClient(rig.port())) {
                    client.login("somebody", "postgres");
                    client.send(junk);

                    assertThat(client.readToEnd()).contains("08P01");
                }
                assertThat(value(other, "SELECT 1")).isEqualTo("1");
            }
        }
    }
}
