package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.os.Signal;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, real signals. */
class PoolerSignalsTest {
    private static @Nullable RealPostgres server;

    @TempDir Path dir = Path.of("");
    private PoolerProcess.@Nullable Place where;

    @BeforeAll
    static void start() throws Exception {
        server = RealPostgres.create("signals").bootstrap();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void write() throws Exception {
        where =
                new PoolerProcess.Place(dir, Objects.requireNonNull(server), FreePorts.next())
                        .write("");
    }

    private PoolerProcess.Place place() {
        return Objects.requireNonNull(where);
    }

    private static CompletableFuture<String> later(Connection client, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return PoolerProcess.ask(client, sql);
                    } catch (SQLException e) {
                        return String.valueOf(e.getMessage());
                    }
                },
                Thread::startVirtualThread);
    }

    private void awaitRefused() {
        await().untilAsserted(
                        () ->
                                assertThatThrownBy(() -> place().connect().close())
                                        .hasMessageContaining("refused"));
    }

    @Test
    void termWaitsForTheClientsToLeave() throws Exception {
        try (PoolerProcess pooler = PoolerProcess.up(place())) {
            try (Connection client = place().connect()) {
                pooler.signal(Signal.TERM);
                awaitRefused();

                assertThat(PoolerProcess.ask(client, "SELECT 1")).isEqualTo("1");
                assertThat(place().psql("pgbouncer", "pgbouncer", "SHOW VERSION"))
                        .startsWith("PgBouncer");
                assertThat(place().psql("app", "joe", "SELECT 1"))
                        .contains("pooler is shutting down");
                assertThat(place().psql("pgbouncer", "pgbouncer", "RESUME"))
                        .contains("pooler is shutting down");
                pooler.signal(Signal.USR2);
                await().untilAsserted(
                                () ->
                                        assertThat(place().log())
                                                .content()
                                                .contains(
                                                        "got SIGUSR2 while shutting down,"
                                                                + " ignoring"));
                assertThat(pooler.isAlive()).isTrue();
            }
            assertThat(pooler.end()).isZero();
            assertThat(place().pidFile()).doesNotExist();
            assertThat(place().socket()).doesNotExist();
            assertThat(place().log())
                    .content()
                    .contains("got SIGTERM, shutting down, waiting for all clients disconnect")
                    .contains("client connections dropped, exiting");
        }
    }

    @Test
    void anotherTermEndsAtOnce() throws Exception {
        try (PoolerProcess pooler = PoolerProcess.up(place());
                Connection client = place().connect()) {
            pooler.signal(Signal.TERM);
            awaitRefused();
            assertThat(pooler.isAlive()).isTrue();
            pooler.signal(Signal.TERM);

            assertThat(pooler.end()).isZero();
            assertThatThrownBy(() -> PoolerProcess.ask(client, "SELECT 1"))
                    .isInstanceOf(SQLException.class);
            assertThat(place().log())
                    .content()
                    .contains("got SIGTERM while shutting down, fast exit");
        }
    }

    @Test
    void intLetsTransactionsEndAndDropsThoseWhoWait() throws Exception {
        try (PoolerProcess pooler = PoolerProcess.up(place());
                Connection busy = place().connect();
                Connection waiting = place().connect()) {
            busy.setAutoCommit(false);
            PoolerProcess.ask(busy, "SELECT 1");
            CompletableFuture<String> answer = later(waiting, "SELECT 2");
            pooler.signal(Signal.INT);

            assertThat(answer.get(20, TimeUnit.SECONDS)).contains("server shutting down");
            assertThat(PoolerProcess.ask(busy, "SELECT 3")).isEqualTo("3");
            assertThat(pooler.isAlive()).isTrue();
            busy.commit();
            assertThat(pooler.end()).isZero();
            assertThat(place().log())
                    .content()
                    .contains("waiting for all servers connections to be released")
                    .contains("server connections dropped, exiting");
        }
    }

    @Test
    void usr1PausesAndUsr2Resumes() throws Exception {
        try (PoolerProcess pooler = PoolerProcess.up(place());
                Connection client = place().connect()) {
            pooler.signal(Signal.USR1);
            await().untilAsserted(
                            () ->
                                    assertThat(place().psql("pgbouncer", "pgbouncer", "SHOW STATE"))
                                            .contains("paused|yes"));
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    place().psql(
                                                                    "pgbouncer",
                                                                    "pgbouncer",
                                                                    "SHOW SERVERS"))
                                            .isEmpty());
            CompletableFuture<String> answer = later(client, "SELECT 4");
            await().untilAsserted(
                            () ->
                                    assertThat(place().psql("pgbouncer", "pgbouncer", "SHOW POOLS"))
                                            .contains("app|postgres|0|1|"));
            assertThat(answer).isNotDone();
            pooler.signal(Signal.USR2);

            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("4");
            pooler.signal(Signal.USR2);
            await().untilAsserted(
                            () ->
                                    assertThat(place().log())
                                            .content()
                                            .contains("got SIGUSR1, pausing all activity")
                                            .contains("got SIGUSR2, continuing from PAUSE")
                                            .contains("got SIGUSR2, but not paused/suspended"));
        }
    }
}
