package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TimeoutsTest {
    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig =
                PoolerRig.start(
                        "pool_size=1",
                        """
                        pool_mode = transaction
                        query_timeout = 1
                        idle_transaction_timeout = 1
                        transaction_timeout = 2
                        query_wait_notify = 0.3
                        """);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aQueryThatTakesTooLongIsEndedOnTheServerToo() throws Exception {
        try (Connection client = rig.connect();
                Connection watcher = rig.postgres().connect()) {
            assertThatThrownBy(() -> value(client, "SELECT pg_sleep(30)"))
                    .hasMessageContaining("query_timeout")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("57014");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(
                            () ->
                                    "0"
                                            .equals(
                                                    value(
                                                            watcher,
                                                            "SELECT count(*) FROM pg_stat_activity WHERE state"
                                                                    + " = 'active' AND query LIKE '%pg_sleep(30)'")));
        }
    }

    @Test
    void anIdleTransactionIsEnded() throws Exception {
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.query("BEGIN");
            assertThat(client.expectReady()).contains("BEGIN");

            assertThat(client.readToEnd()).contains("25P03", "idle_transaction_timeout");
        }
    }

    @Test
    void aTransactionThatGoesOnTooLongIsEnded() throws Exception {
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.query("BEGIN");
            assertThat(client.expectReady()).contains("BEGIN");

            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    client.query("SELECT pg_sleep(0.3)");
                                    client.expectReady();
                                }
                            })
                    .hasMessageContaining("transaction_timeout");
        }
    }

    @Test
    void whoWaitsLongIsToldSo() throws Exception {
        try (Connection holder = rig.connect();
                Connection waiter = rig.connect();
                ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
                Statement query = waiter.createStatement()) {
            holder.setAutoCommit(false);
            value(holder, "SELECT 1");
            Future<Boolean> waiting = background.submit(() -> query.execute("SELECT 2"));
            value(holder, "SELECT pg_sleep(0.8)");
            holder.commit();

            assertThat(waiting.get()).isTrue();
            assertThat(String.valueOf(query.getWarnings())).contains("client being queued");
        }
    }
}
