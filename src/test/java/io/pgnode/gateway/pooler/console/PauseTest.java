package io.pgnode.gateway.pooler.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PAUSE and its kin, with clients in transactions of a real server. */
class PauseTest {
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

    /** Whatever a test left behind. */
    @AfterEach
    void resume() throws SQLException {
        for (String command : new String[] {"RESUME", "RESUME app", "RESUME sess", "ENABLE app"}) {
            try {
                pooler().admin(command);
            } catch (SQLException e) {
                assertThat(e.getMessage()).contains("not paused");
            }
        }
    }

    private static CompletableFuture<Integer> run(Connection connection, String sql) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                result.complete(PoolerUnderTest.rows(connection, sql).size());
                            } catch (SQLException e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private static void awaitPaused(boolean paused) {
        await().until(
                        () ->
                                pooler().number("SHOW DATABASES", "name", "app", "paused")
                                        == (paused ? 1 : 0));
    }

    private static long pool(String database, String column) throws SQLException {
        return pooler().number("SHOW POOLS", "database", database, column);
    }

    @Test
    void pauseWaitsForTransactionsAndHoldsTheOthers() throws Exception {
        try (Connection busy = pooler().connect("app", "joe");
                Connection other = pooler().connect("app", "joe");
                Connection admin = pooler().admin()) {
            PoolerUnderTest.rows(other, "SELECT 1");
            busy.setAutoCommit(false);
            PoolerUnderTest.rows(busy, "SELECT 1");
            CompletableFuture<Integer> pause = run(admin, "PAUSE app");
            awaitPaused(true);
            CompletableFuture<Integer> held = run(other, "SELECT 2");
            await().until(() -> pool("app", "cl_waiting") == 1);
            // Its transaction goes on.
            PoolerUnderTest.rows(busy, "SELECT 3");
            assertThat(pause).isNotDone();
            assertThat(pooler().row("EXPLAIN POOL app", "database", "app"))
                    .containsEntry("limit", "paused");
            busy.commit();
            pause.get(10, TimeUnit.SECONDS);
            assertThat(pool("app", "sv_active")).isZero();
            assertThat(pool("app", "sv_idle")).isZero();
            assertThat(held).isNotDone();
            assertThat(pooler().admin("RESUME app")).isEmpty();
            assertThat(held.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    void pauseOfAllIsShownAndNotRepeated() throws Exception {
        pooler().admin("PAUSE");
        assertThat(pooler().row("SHOW STATE", "key", "paused")).containsEntry("value", "yes");
        assertThatThrownBy(() -> pooler().admin("PAUSE"))
                .hasMessageContaining("already suspended/paused");
        pooler().admin("RESUME");
        assertThat(pooler().row("SHOW STATE", "key", "active")).containsEntry("value", "yes");
        try (Connection client = pooler().connect("app", "joe")) {
            assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
        }
    }

    @Test
    void pauseWaitsForSessionsToLeave() throws Exception {
        try (Connection admin = pooler().admin()) {
            CompletableFuture<Integer> pause;
            try (Connection session = pooler().connect("sess", "joe")) {
                PoolerUnderTest.rows(session, "SELECT 1");
                pause = run(admin, "PAUSE sess");
                await().until(
                                () ->
                                        pooler().number("SHOW DATABASES", "name", "sess", "paused")
                                                == 1);
                PoolerUnderTest.rows(session, "SELECT 2");
                assertThat(pause).isNotDone();
            }
            pause.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void cancellingAPauseUndoesIt() throws Exception {
        try (Connection busy = pooler().connect("app", "joe");
                Connection admin = pooler().admin();
                Statement statement = admin.createStatement()) {
            busy.setAutoCommit(false);
            PoolerUnderTest.rows(busy, "SELECT 1");
            CompletableFuture<Integer> pause = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    statement.execute("PAUSE app");
                                    pause.complete(0);
                                } catch (SQLException e) {
                                    pause.completeExceptionally(e);
                                }
                            });
            awaitPaused(true);
            statement.cancel();
            assertThatThrownBy(() -> pause.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessageContaining("canceling statement due to user request")
                    .extracting("SQLState")
                    .isEqualTo("57014");
            awaitPaused(false);
            busy.commit();
            assertThat(PoolerUnderTest.rows(busy, "SELECT 1")).hasSize(1);
            assertThat(PoolerUnderTest.rows(admin, "SHOW STATE")).hasSize(3);
        }
    }

    @Test
    void anAdminWhoLeavesUndoesHisPause() throws Exception {
        try (Connection busy = pooler().connect("app", "joe")) {
            busy.setAutoCommit(false);
            PoolerUnderTest.rows(busy, "SELECT 1");
            Connection admin = pooler().admin();
            CompletableFuture<Integer> pause = run(admin, "PAUSE app");
            awaitPaused(true);
            admin.abort(Runnable::run);
            awaitPaused(false);
            assertThat(pause).failsWithin(java.time.Duration.ofSeconds(10));
        }
    }

    @Test
    void aPauseThatIsDoneOutlivesItsAdmin() throws Exception {
        pooler().admin("PAUSE app");
        awaitPaused(true);
        try (Connection client = pooler().connect("one", "joe")) {
            assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
        }
        awaitPaused(true);
    }

    @Test
    void resumeEndsAPauseThatWaits() throws Exception {
        try (Connection busy = pooler().connect("app", "joe");
                Connection admin = pooler().admin()) {
            busy.setAutoCommit(false);
            PoolerUnderTest.rows(busy, "SELECT 1");
            CompletableFuture<Integer> pause = run(admin, "PAUSE app");
            awaitPaused(true);
            pooler().admin("RESUME app");
            assertThat(pause).failsWithin(java.time.Duration.ofSeconds(10));
        }
    }

    // ---------------------------------------------------------------- the others

    private static String backend(Connection connection) throws SQLException {
        return String.valueOf(
                PoolerUnderTest.rows(connection, "SELECT pg_backend_pid() AS pid")
                        .getFirst()
                        .get("pid"));
    }

    @Test
    void reconnectRenewsServersAsTheyAreReleased() throws Exception {
        try (Connection client = pooler().connect("one", "joe");
                Connection admin = pooler().admin()) {
            client.setAutoCommit(false);
            String old = backend(client);
            pooler().admin("RECONNECT one");
            assertThat(pooler().row("SHOW SERVERS", "remote_pid", old))
                    .containsEntry("close_needed", "1");
            CompletableFuture<Integer> closed = run(admin, "WAIT_CLOSE one");
            assertThat(backend(client)).isEqualTo(old);
            assertThat(closed).isNotDone();
            client.commit();
            closed.get(10, TimeUnit.SECONDS);
            assertThat(backend(client)).isNotEqualTo(old);
        }
    }

    @Test
    void killDropsClientsAndPauses() throws Exception {
        try (Connection idle = pooler().connect("app", "joe");
                Connection busy = pooler().connect("app", "joe")) {
            busy.setAutoCommit(false);
            PoolerUnderTest.rows(busy, "SELECT 1");
            pooler().admin("KILL app");
            assertThatThrownBy(() -> PoolerUnderTest.rows(busy, "SELECT 1"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> PoolerUnderTest.rows(idle, "SELECT 1"))
                    .isInstanceOf(SQLException.class);
            awaitPaused(true);
            await().until(() -> pool("app", "sv_active") + pool("app", "sv_idle") == 0);
        }
        pooler().admin("RESUME app");
        try (Connection client = pooler().connect("app", "joe")) {
            assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
        }
    }

    @Test
    void killClientDropsOne() throws Exception {
        try (Connection victim = pooler().connect("app", "joe", "ApplicationName", "victim");
                Connection other = pooler().connect("app", "joe")) {
            PoolerUnderTest.rows(victim, "SELECT 1");
            String id = pooler().row("SHOW CLIENTS", "application_name", "victim").get("id");
            pooler().admin("KILL_CLIENT " + id);
            assertThatThrownBy(() -> PoolerUnderTest.rows(victim, "SELECT 1"))
                    .isInstanceOf(SQLException.class);
            assertThat(PoolerUnderTest.rows(other, "SELECT 1")).hasSize(1);
        }
    }

    @Test
    void disabledDatabasesTakeNoNewClients() throws Exception {
        try (Connection old = pooler().connect("app", "joe")) {
            pooler().admin("DISABLE app");
            assertThat(pooler().row("SHOW DATABASES", "name", "app"))
                    .containsEntry("disabled", "1");
            assertThatThrownBy(() -> pooler().connect("app", "joe").close())
                    .hasMessageContaining("database \"app\" is disabled");
            assertThat(PoolerUnderTest.rows(old, "SELECT 1")).hasSize(1);
            pooler().admin("ENABLE app");
            try (Connection client = pooler().connect("app", "joe")) {
                assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
            }
        }
    }

    @Test
    void shutdownWaitsForClients() throws Exception {
        try (PoolerUnderTest own = new PoolerUnderTest()) {
            CompletableFuture<Boolean> ended =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    own.pooler().awaitEnd();
                                    return true;
                                } catch (InterruptedException e) {
                                    return false;
                                }
                            },
                            Thread::startVirtualThread);
            try (Connection client = own.connect("app", "joe")) {
                own.admin("SHUTDOWN WAIT_FOR_CLIENTS");
                await().untilAsserted(
                                () ->
                                        assertThatThrownBy(() -> own.connect("app", "joe").close())
                                                .isInstanceOf(SQLException.class));
                assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
                assertThat(ended).isNotDone();
            }
            assertThat(ended.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
