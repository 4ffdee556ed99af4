package io.pgnode.gateway.pooler.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.metrics.Exposition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the console shows, and to whom, with a real server behind and real drivers in front. */
class ConsoleTest {
    private static @Nullable PoolerUnderTest shared;

    @BeforeAll
    static void start() throws Exception {
        shared = new PoolerUnderTest();
    }

    @AfterAll
    static void stop() {
        pooler().close();
    }

    private static PoolerUnderTest pooler() {
        return Objects.requireNonNull(shared);
    }

    private static List<String> columns(ResultSet rows) throws SQLException {
        ResultSetMetaData data = rows.getMetaData();
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= data.getColumnCount(); i++) {
            String type =
                    switch (data.getColumnTypeName(i)) {
                        case "int4" -> "4";
                        case "int8" -> "8";
                        case "numeric" -> "n";
                        case "text" -> "t";
                        default -> data.getColumnTypeName(i);
                    };
            columns.add(data.getColumnLabel(i) + ":" + type);
        }
        return columns;
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void columnsAndTypesAreThoseOfPgBouncer(String queryMode) throws Exception {
        try (Connection connection =
                        pooler().connect("pgbouncer", "stats", "preferQueryMode", queryMode);
                Connection client = pooler().connect("app", "joe")) {
            assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
            for (Map.Entry<String, List<String>> golden : Columns.golden().entrySet()) {
                try (Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SHOW " + golden.getKey())) {
                    assertThat(columns(rows))
                            .as("SHOW %s", golden.getKey())
                            .isEqualTo(golden.getValue());
                    while (rows.next()) {
                        for (int i = 1; i <= golden.getValue().size(); i++) {
                            // Fails where the text is not of the column's type.
                            rows.getObject(i);
                        }
                    }
                }
            }
        }
    }

    @Test
    void preparedStatementsGoOverToBinaryResults() throws Exception {
        try (Connection connection =
                        pooler().connect("pgbouncer", "stats", "prepareThreshold", "2");
                PreparedStatement lists = connection.prepareStatement("SHOW LISTS");
                PreparedStatement totals = connection.prepareStatement("SHOW TOTALS");
                PreparedStatement zones = connection.prepareStatement("SHOW HISTOGRAMS");
                Connection client = pooler().connect("app", "joe")) {
            assertThat(PoolerUnderTest.rows(client, "SELECT repeat('x', 70000)")).hasSize(1);
            for (int i = 0; i < 6; i++) {
                try (ResultSet rows = lists.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo("databases");
                    assertThat(rows.getInt(2)).isEqualTo(4);
                }
                try (ResultSet rows = totals.executeQuery()) {
                    long sent = 0;
                    while (rows.next()) {
                        if (rows.getString(1).equals("total_server_bytes")) {
                            sent = rows.getBigDecimal(2).longValueExact();
                        }
                    }
                    assertThat(sent).isBetween(70_000L, 100_000_000L);
                }
                try (ResultSet rows = zones.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getLong("count")).isPositive();
                }
            }
        }
    }

    @Test
    void rowsCanBeFetchedInPieces() throws Exception {
        try (Connection connection = pooler().connect("pgbouncer", "stats");
                Statement statement = connection.createStatement()) {
            statement.setMaxRows(3);
            try (ResultSet rows = statement.executeQuery("SHOW LISTS")) {
                int count = 0;
                while (rows.next()) {
                    count++;
                }
                assertThat(count).isEqualTo(3);
            }
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void psqlRunsSeveralCommandsAndSeesNotices() throws Exception {
        assertThat(psql("-Atc", "SHOW VERSION; SHOW STATE"))
                .isEqualTo("PgBouncer 1.25.1\nactive|yes\npaused|no\nsuspended|no\n");
        assertThat(psql("-c", "SHOW HELP")).contains("NOTICE:  Console usage", "SHOW STATS");
        assertThat(psql("-c", "FOO")).contains("ERROR:  invalid command 'FOO', use SHOW HELP;");
        assertThat(psql("-c", "SET client_encoding='utf8'")).contains("SET ignored");
        assertThat(psql("-Atc", "SHOW VERSION; PAUSE nosuch; SHOW STATE"))
                .contains("PgBouncer 1.25.1", "no such database: nosuch")
                .doesNotContain("suspended");
    }

    private static String psql(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("psql", "-X"));
        command.addAll(List.of("-h", "127.0.0.1", "-p", String.valueOf(pooler().port())));
        command.addAll(List.of("-U", "admin", "-d", "pgbouncer"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    // ---------------------------------------------------------------- who may what

    @Test
    void strangersAreNotLetIn() {
        assertThatThrownBy(() -> pooler().connect("pgbouncer", "joe").close())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("not allowed");
    }

    @Test
    void statsUsersMayOnlyLook() throws Exception {
        try (Connection connection = pooler().connect("pgbouncer", "stats")) {
            for (String command :
                    List.of(
                            "PAUSE",
                            "KILL app",
                            "SET a=1",
                            "RELOAD",
                            "SHUTDOWN",
                            "KILL_CLIENT 1")) {
                assertThatThrownBy(() -> PoolerUnderTest.rows(connection, command))
                        .as(command)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("admin access needed")
                        .extracting("SQLState")
                        .isEqualTo("42501");
            }
            assertThat(PoolerUnderTest.rows(connection, "SHOW POOLS")).isNotEmpty();
        }
    }

    @Test
    void wrongCommandsFailInPgBouncersWords() {
        fails("RESUME", "pooler is not paused/suspended", "55000");
        fails("RESUME app", "database app is not paused", "55000");
        fails("PAUSE nosuch", "no such database: nosuch", "3D000");
        fails("PAUSE pgbouncer", "cannot pause admin db: pgbouncer", "55000");
        fails("DISABLE pgbouncer", "cannot disable admin db: pgbouncer", "55000");
        fails("DISABLE", "a database is required", "42601");
        fails("FOO", "invalid command 'FOO', use SHOW HELP;", "42601");
        fails("SET x=1", "SET failed", "55000");
        fails("KILL_CLIENT 999999", "client not found: 999999", "55000");
    }

    private static void fails(String command, String message, String sqlState) {
        assertThatThrownBy(() -> pooler().admin(command))
                .as(command)
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(message)
                .extracting("SQLState")
                .isEqualTo(sqlState);
    }

    // ---------------------------------------------------------------- numbers

    @Test
    void countsWhatClientsDo() throws Exception {
        Map<String, @Nullable String> before = pooler().row("SHOW STATS", "database", "sess");
        try (Connection client = pooler().connect("sess", "joe")) {
            client.setAutoCommit(false);
            try (PreparedStatement query =
                    client.prepareStatement("SELECT repeat('x', 10000), ?::int")) {
                for (int i = 0; i < 20; i++) {
                    query.setInt(1, i);
                    query.executeQuery().close();
                }
            }
            client.commit();
        }
        Map<String, @Nullable String> after = pooler().row("SHOW STATS", "database", "sess");
        assertThat(grown(before, after, "total_query_count")).isBetween(21L, 40L);
        assertThat(grown(before, after, "total_xact_count")).isBetween(1L, 10L);
        assertThat(grown(before, after, "total_server_assignment_count")).isEqualTo(1);
        assertThat(grown(before, after, "total_sent")).isBetween(200_000L, 250_000L);
        assertThat(grown(before, after, "total_received")).isBetween(500L, 10_000L);
        assertThat(grown(before, after, "total_bind_count")).isBetween(20L, 40L);
        assertThat(grown(before, after, "total_client_parse_count")).isPositive();
        assertThat(grown(before, after, "total_server_parse_count")).isPositive();
        assertThat(grown(before, after, "total_query_time")).isPositive();
        assertThat(grown(before, after, "total_xact_time"))
                .isGreaterThanOrEqualTo(grown(before, after, "total_query_time"));
    }

    private static long grown(
            Map<String, @Nullable String> before,
            Map<String, @Nullable String> after,
            String column) {
        return Long.parseLong(String.valueOf(after.get(column)))
                - Long.parseLong(String.valueOf(before.get(column)));
    }

    @Test
    void averagesFollowThePeriod() throws Exception {
        try (Connection client = pooler().connect("app", "joe");
                Statement statement = client.createStatement()) {
            await().atMost(20, TimeUnit.SECONDS)
                    .pollInSameThread()
                    .until(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    statement.execute("SELECT 1");
                                }
                                return pooler().number(
                                                                "SHOW STATS_AVERAGES",
                                                                "database",
                                                                "app",
                                                                "query_count")
                                                > 0
                                        && pooler().number(
                                                                "SHOW TOTALS",
                                                                "name",
                                                                "avg_xact_count",
                                                                "value")
                                                > 0;
                            });
        }
    }

    @Test
    void showsPoolsClientsAndServers() throws Exception {
        try (Connection client = pooler().connect("app", "joe", "ApplicationName", "shows me")) {
            client.setAutoCommit(false);
            int pid =
                    Integer.parseInt(
                            String.valueOf(
                                    PoolerUnderTest.rows(client, "SELECT pg_backend_pid() AS pid")
                                            .getFirst()
                                            .get("pid")));
            Map<String, @Nullable String> pool = pooler().row("SHOW POOLS", "database", "app");
            assertThat(pool)
                    .containsEntry("user", "postgres")
                    .containsEntry("sv_active", "1")
                    .containsEntry("cl_waiting", "0")
                    .containsEntry("pool_mode", "transaction");
            Map<String, @Nullable String> me =
                    pooler().row("SHOW CLIENTS", "application_name", "shows me");
            assertThat(me)
                    .containsEntry("type", "C")
                    .containsEntry("user", "joe")
                    .containsEntry("database", "app")
                    .containsEntry("state", "active")
                    .containsEntry("addr", "127.0.0.1")
                    .containsEntry("local_port", String.valueOf(pooler().port()));
            assertThat(me.get("connect_time"))
                    .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC");
            Map<String, @Nullable String> server =
                    pooler().row("SHOW SERVERS", "remote_pid", String.valueOf(pid));
            assertThat(server)
                    .containsEntry("type", "S")
                    .containsEntry("state", "active")
                    .containsEntry("link", me.get("ptr"))
                    .containsEntry("ptr", me.get("link"));
            assertThat(pooler().row("SHOW ACTIVE_SOCKETS", "type", "S")).containsKey("recv_pos");
            client.commit();
        }
        await().until(
                        () ->
                                pooler().admin("SHOW CLIENTS").stream()
                                        .noneMatch(
                                                row ->
                                                        "shows me"
                                                                .equals(
                                                                        row.get(
                                                                                "application_name"))));
    }

    @Test
    void explainsWhyAClientWaits() throws Exception {
        try (Connection first = pooler().connect("one", "joe");
                Connection second = pooler().connect("one", "joe")) {
            first.setAutoCommit(false);
            PoolerUnderTest.rows(first, "SELECT 1");
            Thread waiter =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            PoolerUnderTest.rows(second, "SELECT 2");
                                        } catch (SQLException e) {
                                            throw new IllegalStateException(e);
                                        }
                                    });
            await().until(
                            () ->
                                    pooler().number("SHOW POOLS", "database", "one", "cl_waiting")
                                            == 1);
            assertThat(pooler().row("EXPLAIN POOL one", "database", "one"))
                    .containsEntry("limit", "pool_size")
                    .containsEntry("why", "all 1 servers that the pool may have are in use");
            assertThat(pooler().number("EXPLAIN POOL", "database", "one", "maxwait_us"))
                    .isPositive();
            first.commit();
            waiter.join();
            assertThat(pooler().row("EXPLAIN POOL one postgres", "database", "one"))
                    .containsEntry("limit", "");
            assertThat(pooler().number("SHOW STATS", "database", "one", "total_wait_time"))
                    .isPositive();
        }
    }

    @Test
    void metricsHaveTheNamesOfBothExportersAndHistograms() throws Exception {
        try (Connection client = pooler().connect("app", "joe")) {
            PoolerUnderTest.rows(client, "SELECT 1");
            Exposition out = new Exposition();
            pooler().pooler().metrics().writeTo(out);
            String text = out.text();
            assertThat(text)
                    .contains("pgbouncer_up 1\n")
                    .contains("pgbouncer_version_info{version=\"1.25.1\"} 1\n")
                    .contains("pgbouncer_list_items{list=\"databases\"} 4\n")
                    .contains("pgbouncer_stat_total_query_count{datname=\"app\"} ")
                    .contains("pgbouncer_stat_avg_xact_time{datname=\"app\"} ")
                    .contains(
                            "pgbouncer_pool_active_clients{datname=\"app\",user=\"postgres\",pool_mode=\"transaction\"} ")
                    .contains("pgbouncer_database_pool_size{datname=\"app\",")
                    .contains("pgbouncer_stats_queries_pooled_total{database=\"app\"} ")
                    .contains("pgbouncer_pools_client_maxwait_seconds{database=\"app\",")
                    .contains("pgbouncer_databases_max_connections{name=\"app\",")
                    .contains("pgbouncer_config_max_client_connections 100\n")
                    .contains(
                            "pgnode_pooler_server_seconds_bucket{database=\"app\",user=\"postgres\",le=\"+Inf\"}");
            assertThat(
                            text.lines()
                                    .filter(
                                            line ->
                                                    line.startsWith(
                                                            "pgnode_pooler_queue_seconds_count")))
                    .isNotEmpty();
        }
    }

    @Test
    void limitsAndWhatIsUsedOfThemAreShown() throws Exception {
        try (Connection admin = pooler().admin();
                Connection one = pooler().connect("app", "joe");
                Connection two = pooler().connect("app", "joe")) {
            for (String setting :
                    List.of(
                            "max_db_connections = 7",
                            "max_db_client_connections = 11",
                            "max_user_connections = 9",
                            "max_user_client_connections = 13")) {
                PoolerUnderTest.rows(admin, "SET " + setting);
            }
            assertThat(PoolerUnderTest.rows(one, "SELECT 1")).hasSize(1);
            assertThat(PoolerUnderTest.rows(two, "SELECT 1")).hasSize(1);

            Map<String, @Nullable String> database = pooler().row("SHOW DATABASES", "name", "app");
            assertThat(database)
                    .containsEntry("max_connections", "7")
                    .containsEntry("max_client_connections", "11")
                    .containsEntry("current_client_connections", "2");
            assertThat(database.get("current_connections")).isIn("1", "2");
            assertThat(pooler().row("SHOW USERS", "name", "joe"))
                    .containsEntry("max_user_connections", "9")
                    .containsEntry("max_user_client_connections", "13")
                    .containsEntry("current_client_connections", "2");
            assertThat(pooler().row("SHOW USERS", "name", "stats"))
                    .as("is in auth_file, and is not there")
                    .containsEntry("current_client_connections", "0");
        } finally {
            pooler().admin("RELOAD");
        }
        assertThat(pooler().row("SHOW DATABASES", "name", "app"))
                .containsEntry("max_connections", "0");
    }

    @Test
    void whatIsChangeableCanBeSetAndTheRestCannot() throws Exception {
        try (Connection admin = pooler().admin()) {
            for (Map<String, @Nullable String> line : PoolerUnderTest.rows(admin, "SHOW CONFIG")) {
                String set = "SET " + line.get("key") + " = '" + line.get("value") + "'";
                if ("yes".equals(line.get("changeable"))) {
                    assertThat(PoolerUnderTest.rows(admin, set)).as(set).isEmpty();
                } else {
                    fails(set, "SET failed", "55000");
                }
            }
        } finally {
            pooler().admin("RELOAD");
        }
    }

    @Test
    void aBrokenFileIsReportedByReload() throws Exception {
        String good = Files.readString(pooler().ini());
        try {
            Files.writeString(pooler().ini(), "\nno key\n", StandardOpenOption.APPEND);
            fails("RELOAD", "RELOAD failed", "F0000");
        } finally {
            Files.writeString(pooler().ini(), good);
        }
        assertThat(pooler().admin("RELOAD")).isEmpty();
    }
}
