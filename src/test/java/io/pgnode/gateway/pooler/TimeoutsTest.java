package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One limit a pooler, so that none can stand in for another. */
class TimeoutsTest {
    private static PoolerRig first;

    @BeforeAll
    static void start() throws Exception {
        first = PoolerRig.start("", "");
    }

    @AfterAll
    static void stop() {
        first.close();
    }

    private static PoolerRig with(String limit) throws Exception {
        return first.another(
                "pool_size=1",
                """
                pool_mode = transaction
                %s
                """
                        .formatted(limit));
    }

    @Test
    void aQueryThatTakesTooLongIsEndedOnTheServerToo() throws Exception {
        try (PoolerRig rig = with("query_timeout = 1");
                Connection client = rig.connect();
                Connection watcher = rig.postgres().connect()) {
            assertThatThrownBy(() -> value(client, "SELECT pg_sleep(30)"))
                    .hasMessageContaining("query_timeout")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("57014");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
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
        try (PoolerRig rig = with("idle_transaction_timeout = 1");
                RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.query("BEGIN");
            assertThat(client.expectReady()).contains("BEGIN");

            assertThat(client.readToEnd()).contains("25P03", "idle_transaction_timeout");
        }
    }

    @Test
    void aTransactionThatGoesOnTooLongIsEnded() throws Exception {
        try (PoolerRig rig = with("transaction_timeout = 1");
                RawClient client = new RawClient(rig.port())) {
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
        try (PoolerRig rig = with("query_wait_notify = 0.3");
                RawClient holder = new RawClient(rig.port());
                RawClient waiter = new RawClient(rig.port())) {
            holder.login("somebody", "postgres");
            waiter.login("somebody", "postgres");
            holder.query("BEGIN");
            assertThat(holder.expectReady()).contains("BEGIN");

            waiter.query("SELECT 2");

            assertThat(waiter.expect('N')).contains("client being queued");
            holder.query("COMMIT");
            assertThat(waiter.expectReady()).contains("SELECT 1");
        }
    }
}
