package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.postgres.StopMode;
import io.pgnode.testing.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL goes and comes again, and nobody told the pooler. */
class RestartTest {
    private static final int CLIENTS = 16;

    /** The end of a server may be noticed a little later than it happened. */
    private static final long NOTICED = TimeUnit.MILLISECONDS.toNanos(100);

    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = PoolerRig.start("pool_size=8", "pool_mode = transaction");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** A statement that failed. */
    private record Failure(long begun, String sqlState, String message) {}

    /** What all clients together saw. */
    private static final class Seen {
        final AtomicBoolean isOver = new AtomicBoolean();
        final AtomicLong done = new AtomicLong();
        final AtomicLong longest = new AtomicLong();
        final Queue<Failure> failures = new ConcurrentLinkedQueue<>();

        /** Statements of their own, with a pause after each. */
        void run(int client) {
            try {
                Connection connection = rig.connect();
                while (!isOver.get()) {
                    long begun = System.nanoTime();
                    try {
                        value(connection, "UPDATE counted SET n = n + 1 WHERE id = " + client);
                        done.incrementAndGet();
                    } catch (SQLException e) {
                        failures.add(
                                new Failure(
                                        begun, e.getSQLState(), String.valueOf(e.getMessage())));
                        connection = rig.connect();
                    }
                    longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(3 + client % 5));
                }
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void onlyWhatWasUnderWayFails() throws Exception {
        try (Connection setup = rig.connect()) {
            value(setup, "CREATE TABLE counted (id int PRIMARY KEY, n int)");
            value(setup, "INSERT INTO counted SELECT i, 0 FROM generate_series(0, 15) i");
        }
        Seen seen = new Seen();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int mine = i;
            clients.add(
                    CompletableFuture.runAsync(
                            () -> seen.run(mine), work -> Thread.ofVirtual().start(work)));
        }
        await().until(() -> seen.done.get() > 500);

        long begun = System.nanoTime();
        rig.postgres().instance().stop(StopMode.FAST, RealPostgres.LIMIT);
        long stopped = System.nanoTime();
        rig.postgres().startPrimary();
        long started = System.nanoTime();
        long before = seen.done.get();
        await().until(() -> seen.done.get() > before + 500);
        seen.isOver.set(true);
        for (CompletableFuture<Void> client : clients) {
            client.get(20, TimeUnit.SECONDS);
        }

        assertThat(seen.failures)
                .as("failed statements were with a server when it went")
                .allMatch(failure -> failure.begun() < stopped + NOTICED)
                .allMatch(
                        failure -> List.of("57P01", "08006", "08007").contains(failure.sqlState()));
        assertThat(seen.failures).hasSizeLessThan(CLIENTS);
        Duration outage = Duration.ofNanos(started - begun);
        assertThat(Duration.ofNanos(seen.longest.get()))
                .as("longest stall, with an outage of %s", outage)
                .isLessThan(outage.plusSeconds(1));
        try (Connection check = rig.connect()) {
            long counted =
                    Long.parseLong(String.valueOf(value(check, "SELECT sum(n) FROM counted")));
            assertThat(counted)
                    .as("what was done, and perhaps some that failed")
                    .isBetween(seen.done.get(), seen.done.get() + seen.failures.size());
        }
    }

    @Test
    void whoIsInATransactionHearsWhatTheServerSaid() throws Exception {
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.query("BEGIN");
            client.expectReady();
            rig.postgres().instance().stop(StopMode.FAST, RealPostgres.LIMIT);
            rig.postgres().startPrimary();

            assertThat(client.readToEnd())
                    .contains("57P01", "terminating connection due to administrator command");
        }
    }

    @Test
    void aKilledServerLeavesItsQueryUnknown() throws Exception {
        try (RawClient client = new RawClient(rig.port());
                Connection direct = rig.postgres().connect()) {
            client.login("somebody", "postgres");
            client.query("SELECT pg_backend_pid(), pg_sleep(30)");
            String find =
                    "SELECT coalesce(max(pid), 0) FROM pg_stat_activity"
                            + " WHERE query LIKE '%pg_sleep(30)' AND pid <> pg_backend_pid()";
            AtomicLong pid = new AtomicLong();
            await().until(
                            () -> {
                                pid.set(Long.parseLong(String.valueOf(value(direct, find))));
                                return pid.get() > 0;
                            });
            // As the kernel does when memory is short; all other servers are restarted then.
            ProcessHandle.of(pid.get()).orElseThrow().destroyForcibly();

            assertThat(client.readToEnd()).contains("08007");
        }
    }
}
