package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One setting a pooler. */
class ServerCareTest {
    private static PoolerRig first;

    @BeforeAll
    static void start() throws Exception {
        first = PoolerRig.start("", "");
    }

    @AfterAll
    static void stop() {
        first.close();
    }

    private static PoolerRig with(String mode, String setting) throws Exception {
        return first.another("pool_size=1", "pool_mode = " + mode + "\n" + setting);
    }

    @Test
    void sessionsAreResetAfterEachTransactionWhereThatIsWanted() throws Exception {
        try (PoolerRig rig = with("transaction", "server_reset_query_always = 1");
                Connection client = rig.connect()) {
            value(client, "SELECT set_config('my.secret', 'left behind', false)");

            assertThat(value(client, "SELECT current_setting('my.secret', true)"))
                    .isNotEqualTo("left behind");
        }
    }

    @Test
    void sessionsAreNotResetWhereItIsNot() throws Exception {
        try (PoolerRig rig = with("transaction", "");
                Connection client = rig.connect()) {
            value(client, "SELECT set_config('my.secret', 'left behind', false)");

            assertThat(value(client, "SELECT current_setting('my.secret', true)"))
                    .isEqualTo("left behind");
        }
    }

    @Test
    void aServerThatWasIdleIsChecked() throws Exception {
        try (Connection direct = first.postgres().connect()) {
            value(direct, "CREATE SEQUENCE checks");
            try (PoolerRig rig =
                            with(
                                    "transaction",
                                    "server_check_delay = 0\n"
                                            + "server_check_query = SELECT nextval('checks')");
                    Connection client = rig.connect()) {
                for (int i = 0; i < 5; i++) {
                    assertThat(value(client, "SELECT " + i)).isEqualTo("" + i);
                }
                assertThat(
                                Long.parseLong(
                                        String.valueOf(
                                                value(direct, "SELECT last_value FROM checks"))))
                        .isGreaterThanOrEqualTo(5);
            } finally {
                value(direct, "DROP SEQUENCE checks");
            }
        }
    }

    @Test
    void aServerThatFailsItsCheckIsReplacedAndNobodyNotices() throws Exception {
        try (PoolerRig rig =
                        with(
                                "transaction",
                                "server_check_delay = 0\nserver_check_query ="
                                        + " SELECT pg_terminate_backend(pg_backend_pid())");
                Connection client = rig.connect()) {
            String before = value(client, "SELECT pg_backend_pid()");

            assertThat(value(client, "SELECT pg_backend_pid()")).isNotEqualTo(before);
            assertThat(value(client, "SELECT 'well'")).isEqualTo("well");
        }
    }

    @Test
    void aPoolThatNobodyUsesIsForgotten() throws Exception {
        try (PoolerRig rig =
                        with("transaction", "server_idle_timeout = 0.2\npool_idle_timeout = 0.3");
                Connection admin = admin(rig)) {
            try (Connection client = rig.connect()) {
                value(client, "SELECT 1");
                assertThat(pools(admin)).isEqualTo(2);
            }

            await().until(() -> pools(admin) == 1);
            try (Connection client = rig.connect()) {
                assertThat(value(client, "SELECT 'again'")).isEqualTo("again");
            }
        }
    }

    @Test
    void whoStaysKeepsItsPool() throws Exception {
        try (PoolerRig rig =
                        with("transaction", "server_idle_timeout = 0.2\npool_idle_timeout = 0.3");
                Connection admin = admin(rig);
                Connection client = rig.connect()) {
            value(client, "SELECT 1");
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> pools(admin) == 2);
            assertThat(value(client, "SELECT 2")).isEqualTo("2");
        }
    }

    /** With the console's own. */
    private static int pools(Connection admin) throws SQLException {
        try (Statement statement = admin.createStatement();
                ResultSet rows = statement.executeQuery("SHOW POOLS")) {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            return count;
        }
    }

    private static Connection admin(PoolerRig rig) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + rig.port()
                        + "/pgbouncer?sslmode=disable&preferQueryMode=simple",
                "somebody",
                "");
    }

    @Test
    void aSessionEndsWithThePlaceOfItsServerWhereThatIsWanted() throws Exception {
        try (PoolerRig rig = with("session", "server_fast_close = 1");
                RawClient client = new RawClient(rig.port());
                Connection admin = admin(rig)) {
            client.login("somebody", "postgres");
            client.query("BEGIN");
            client.expectReady();
            value(admin, "RECONNECT");
            client.query("SELECT 'still here'");
            assertThat(client.expectReady()).contains("still here");

            client.query("COMMIT");

            assertThat(client.readToEnd()).contains("COMMIT", "database configuration changed");
        }
    }
}
