package io.pgnode.gateway.pooler.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.metrics.Exposition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HOLD, RELEASE and SHOW HOLDS. */
class HoldCommandsTest {
    private static @Nullable PoolerUnderTest shared;

    @BeforeAll
    static void start() throws Exception {
        shared = new PoolerUnderTest();
    }

    @AfterAll
    static void stop() {
        pooler().close();
    }

    @AfterEach
    void release() throws SQLException {
        pooler().admin("RELEASE local");
        pooler().admin("RELEASE primary");
    }

    private static PoolerUnderTest pooler() {
        return Objects.requireNonNull(shared);
    }

    private static Map<String, @Nullable String> local() throws SQLException {
        return pooler().row("SHOW HOLDS", "scope", "local");
    }

    @Test
    void aHoldGoesThroughItsStates() throws Exception {
        try (Connection busy = pooler().connect("app", "joe");
                Connection other = pooler().connect("app", "joe")) {
            PoolerUnderTest.rows(other, "SELECT 1");
            assertThat(local()).containsEntry("state", "OPEN").containsEntry("owners", "");
            busy.setAutoCommit(false);
            PoolerUnderTest.rows(busy, "SELECT 1");

            pooler().admin("HOLD");
            assertThat(local())
                    .containsEntry("state", "DRAINING")
                    .containsEntry("owners", "operator")
                    .containsEntry("sv_open", "1");
            CompletableFuture<Integer> waiting =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return PoolerUnderTest.rows(other, "SELECT 1").size();
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            Thread::startVirtualThread);
            await().until(() -> "1".equals(local().get("cl_waiting")));
            assertThat(pooler().admin("EXPLAIN POOL app").getFirst())
                    .containsEntry("limit", "held");
            busy.commit();
            await().until(() -> "HOLDING".equals(local().get("state")));
            assertThat(waiting).isNotDone();

            pooler().admin("RELEASE local");

            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(local()).containsEntry("state", "OPEN");
        }
    }

    @Test
    void aHoldWithoutALimitOfItsOwnLastsHalfAMinute() throws Exception {
        pooler().admin("HOLD local");
        assertThat(Long.parseLong(String.valueOf(local().get("left_ms")))).isBetween(1L, 30_000L);

        pooler().admin("HOLD local FOR 0.3");

        await().until(() -> "OPEN".equals(local().get("state")));
    }

    @Test
    void theMetricTellsTheState() throws Exception {
        pooler().admin("HOLD local FOR 60");
        Exposition out = new Exposition();
        pooler().pooler().metrics().writeTo(out);

        assertThat(out.text())
                .contains("pgnode_gateway_hold_state{scope=\"local\",state=\"holding\"} 1")
                .contains("pgnode_gateway_hold_state{scope=\"local\",state=\"open\"} 0")
                .contains("pgnode_gateway_hold_state{scope=\"primary\",state=\"open\"} 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HOLD nothing",
                "HOLD local FOR",
                "HOLD local FOR 0",
                "HOLD local FOR x",
                "HOLD local local FOR 1",
                "RELEASE local local",
                "RELEASE nothing"
            })
    void nonsenseIsRefused(String command) {
        assertThatThrownBy(() -> pooler().admin(command)).isInstanceOf(SQLException.class);
    }
}
