package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.postgres.StopMode;
import io.pgnode.testing.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds of a real server's clients. */
class PoolerHoldsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = PoolerRig.start("pool_size=8", "pool_mode = transaction\nmax_client_conn = 200");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @AfterEach
    void releaseAll() {
        rig.holds().release("test", HoldScope.LOCAL);
        rig.holds().release("other", HoldScope.LOCAL);
    }

    private static HoldStatus hold(PoolerRig of, String owner, Duration limit) throws Exception {
        return of.holds()
                .hold(new HoldRequest(owner, HoldScope.LOCAL, Long.MAX_VALUE, limit))
                .get(5, TimeUnit.SECONDS);
    }

    private static HoldStatus drained(PoolerRig of, Duration limit) throws Exception {
        return of.holds().drained(HoldScope.LOCAL, limit).get(20, TimeUnit.SECONDS);
    }

    private static CompletableFuture<@Nullable String> later(Connection connection, String sql) {
        CompletableFuture<@Nullable String> result = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                result.complete(value(connection, sql));
                            } catch (SQLException e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private static void awaitWaiting(PoolerRig of, int count) {
        await().until(() -> of.holds().status(HoldScope.LOCAL).waiting() == count);
    }

    @Test
    void openTransactionsEndAndOthersWait() throws Exception {
        try (Connection busy = rig.connect();
                Connection other = rig.connect()) {
            busy.setAutoCommit(false);
            value(busy, "SELECT 1");

            HoldStatus begun = hold(rig, "test", LONG);
            assertThat(begun.isHeld()).isTrue();
            assertThat(begun.open()).isEqualTo(1);
            CompletableFuture<@Nullable String> waiting = later(other, "SELECT 'served'");
            awaitWaiting(rig, 1);
            CompletableFuture<HoldStatus> drained =
                    rig.holds().drained(HoldScope.LOCAL, Duration.ofSeconds(10));
            assertThat(value(busy, "SELECT 2")).isEqualTo("2");
            assertThat(drained).isNotDone();
            busy.commit();

            assertThat(drained.get(5, TimeUnit.SECONDS).isDrained()).isTrue();
            assertThat(waiting).isNotDone();
            rig.holds().release("test", HoldScope.LOCAL);
            assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo("served");
        }
    }

    /** One client has the only server in a transaction, another waits for it, a third does not. */
    private static final class Queue implements AutoCloseable {
        private final PoolerRig narrow = rig.another("pool_size=1", "pool_mode = transaction");
        private final Connection busy = narrow.connect();
        private final Connection early = narrow.connect();
        private final Connection late = narrow.connect();
        private final CompletableFuture<@Nullable String> waiting;

        Queue() throws Exception {
            busy.setAutoCommit(false);
            value(busy, "SELECT 1");
            waiting = later(early, "SELECT 'served'");
            awaitWaiting(narrow, 1);
        }

        /** A hold that waits for the one who waits. */
        CompletableFuture<HoldStatus> holdLater() {
            narrow.holds().earlierLimit(LONG);
            return narrow.holds()
                    .hold(new HoldRequest("test", HoldScope.LOCAL, Long.MAX_VALUE, LONG));
        }

        void release() {
            narrow.holds().release("test", HoldScope.LOCAL);
        }

        @Override
        public void close() throws SQLException {
            late.close();
            early.close();
            busy.close();
            narrow.close();
        }
    }

    @Test
    void whoWaitedBeforeTheHoldGoesFirst() throws Exception {
        try (Queue queue = new Queue()) {
            CompletableFuture<HoldStatus> held = queue.holdLater();
            queue.busy.commit();

            assertThat(queue.waiting.get(5, TimeUnit.SECONDS)).isEqualTo("served");
            assertThat(held.get(5, TimeUnit.SECONDS).isHeld()).isTrue();
            CompletableFuture<@Nullable String> after = later(queue.late, "SELECT 'later'");
            awaitWaiting(queue.narrow, 1);
            queue.release();
            assertThat(after.get(5, TimeUnit.SECONDS)).isEqualTo("later");
        }
    }

    @Test
    void aHoldDoesNotWaitLongForThoseWhoCameBefore() throws Exception {
        try (Queue queue = new Queue()) {
            assertThat(hold(queue.narrow, "test", LONG)).isEqualTo(new HoldStatus(true, 1, 1));

            queue.busy.commit();
            queue.release();
            assertThat(queue.waiting.get(5, TimeUnit.SECONDS)).isEqualTo("served");
        }
    }

    @Test
    void aHoldThatIsReleasedBeforeItBeginsDoesNotBegin() throws Exception {
        try (Queue queue = new Queue()) {
            CompletableFuture<HoldStatus> held = queue.holdLater();
            queue.release();
            queue.busy.commit();

            assertThat(held.get(5, TimeUnit.SECONDS).isHeld()).isFalse();
            assertThat(queue.waiting.get(5, TimeUnit.SECONDS)).isEqualTo("served");
        }
    }

    @Test
    void theDrainTellsWhatIsOpenAtItsLimit() throws Exception {
        try (Connection busy = rig.connect()) {
            busy.setAutoCommit(false);
            value(busy, "SELECT 1");
            hold(rig, "test", LONG);

            HoldStatus status = drained(rig, Duration.ofMillis(100));

            assertThat(status).isEqualTo(new HoldStatus(true, 1, 0));
            busy.rollback();
        }
    }

    @Test
    void clientsGoOnWhenTheLastOwnerReleases() throws Exception {
        try (Connection client = rig.connect()) {
            hold(rig, "test", LONG);
            hold(rig, "other", LONG);
            CompletableFuture<@Nullable String> waiting = later(client, "SELECT 1");
            awaitWaiting(rig, 1);
            rig.holds().release("test", HoldScope.LOCAL);
            assertThat(rig.holds().status(HoldScope.LOCAL).isHeld()).isTrue();
            assertThat(waiting).isNotDone();

            rig.holds().release("other", HoldScope.LOCAL);

            assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo("1");
        }
    }

    @Test
    void aHoldEndsByItsLimitAndTellsThoseWhoWaited() throws Exception {
        try (Connection client = rig.connect()) {
            hold(rig, "test", Duration.ofMillis(200));

            assertThatThrownBy(() -> value(client, "SELECT 1"))
                    .hasMessageContaining("hold limit reached")
                    .hasMessageContaining("retry")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("57P03");
            await().until(() -> !rig.holds().status(HoldScope.LOCAL).isHeld());
        }
        try (Connection next = rig.connect()) {
            assertThat(value(next, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void loginsSucceedDuringAHold() throws Exception {
        try (Connection before = rig.connect()) {
            value(before, "SELECT 1");
            hold(rig, "test", LONG);
            try (RawClient client = new RawClient(rig.port())) {
                client.login("somebody", "postgres");
                client.query("SELECT 'served'");
                awaitWaiting(rig, 1);
                rig.holds().release("test", HoldScope.LOCAL);
                assertThat(client.expectReady()).contains("served");
            }
        }
    }

    @Test
    void sessionsRestBetweenTransactionsAndAreClosedAtTheEndOfTheDrain() throws Exception {
        try (PoolerRig sessions = rig.another("pool_size=8", "pool_mode = session");
                Connection idle = sessions.connect();
                Connection busy = sessions.connect();
                Connection asks = sessions.connect()) {
            busy.setAutoCommit(false);
            for (Connection each : List.of(idle, busy, asks)) {
                value(each, "SELECT 1");
            }
            hold(sessions, "test", LONG);
            await().until(() -> sessions.holds().status(HoldScope.LOCAL).open() == 1);
            CompletableFuture<@Nullable String> stopped = later(asks, "CREATE TABLE never (a int)");
            assertThat(value(busy, "SELECT 2")).isEqualTo("2");
            busy.commit();

            assertThat(drained(sessions, Duration.ofSeconds(10))).matches(HoldStatus::isDrained);

            assertThatThrownBy(() -> stopped.get(5, TimeUnit.SECONDS))
                    .hasMessageContaining("terminating connection");
            for (Connection each : List.of(idle, busy)) {
                assertThatThrownBy(() -> value(each, "SELECT 1"))
                        .isInstanceOf(SQLException.class)
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .isIn("57P01", "08006");
            }
            try (Connection direct = rig.postgres().connect()) {
                assertThat(value(direct, "SELECT to_regclass('never')")).isNull();
            }
        }
    }

    @Test
    void whoPipelinesWithoutAnEndIsStoppedBetweenTwoRequests() throws Exception {
        try (RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicLong sent = new AtomicLong();
            for (int i = 0; i < 5; i++) {
                client.query("SELECT pg_sleep(0.01)");
                sent.incrementAndGet();
            }
            // Five requests are under way at any time.
            CompletableFuture<Void> pipeline =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    while (!isOver.get()) {
                                        client.expectReady();
                                        client.query("SELECT pg_sleep(0.01)");
                                        sent.incrementAndGet();
                                    }
                                    for (int i = 0; i < 5; i++) {
                                        client.expectReady();
                                    }
                                } catch (java.io.IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            },
                            work -> Thread.ofVirtual().start(work));
            await().until(() -> sent.get() > 20);
            hold(rig, "test", LONG);

            assertThat(drained(rig, Duration.ofSeconds(5))).matches(HoldStatus::isDrained);

            rig.holds().release("test", HoldScope.LOCAL);
            long before = sent.get();
            await().until(() -> sent.get() > before + 20);
            isOver.set(true);
            pipeline.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void sessionsGoOnWhenTheHoldIsCalledOff() throws Exception {
        try (PoolerRig sessions = rig.another("pool_size=8", "pool_mode = session");
                Connection client = sessions.connect()) {
            value(client, "SELECT 1");
            hold(sessions, "test", LONG);
            await().until(() -> sessions.holds().status(HoldScope.LOCAL).open() == 0);
            CompletableFuture<@Nullable String> stopped = later(client, "SELECT 'went on'");

            sessions.holds().release("test", HoldScope.LOCAL);

            assertThat(stopped.get(5, TimeUnit.SECONDS)).isEqualTo("went on");
        }
    }

    @Test
    void atTheEndOfTheLeaseEverybodyIsCutOffAndWaits() throws Exception {
        AtomicLong boot = new AtomicLong();
        try (PoolerRig node = rig.another("pool_size=8", "pool_mode = transaction");
                Connection busy = node.connect();
                Connection other = node.connect()) {
            node.holds().lease(true, Duration.ofSeconds(3).toNanos(), boot::get);
            busy.setAutoCommit(false);
            value(busy, "CREATE TABLE cut_off (a int)");
            boot.set(Duration.ofMillis(2960).toNanos());

            await().until(() -> node.holds().status(HoldScope.LOCAL).isHeld());
            assertThatThrownBy(busy::commit).isInstanceOf(SQLException.class);
            CompletableFuture<@Nullable String> waiting =
                    later(other, "SELECT to_regclass('cut_off') IS NULL");
            awaitWaiting(node, 1);
            node.holds().lease(true, Duration.ofSeconds(6).toNanos(), boot::get);

            assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo("t");
        }
    }

    @Test
    void theLeaseOfAnotherMemberIsNotOurs() throws Exception {
        AtomicLong boot = new AtomicLong(Duration.ofSeconds(100).toNanos());
        try (PoolerRig standby = rig.another("pool_size=8", "pool_mode = transaction");
                Connection client = standby.connect()) {
            standby.holds().lease(false, 0, boot::get);

            assertThat(value(client, "SELECT 1")).isEqualTo("1");
            assertThat(standby.holds().status(HoldScope.LOCAL).isHeld()).isFalse();
        }
    }

    /** What the agent does when it restarts PostgreSQL. */
    @Test
    void aHeldRestartIsALatencyAndNoError() throws Exception {
        List<Connection> connections = new ArrayList<>();
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong longest = new AtomicLong();
        AtomicLong done = new AtomicLong();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        try (Connection setup = rig.connect()) {
            value(setup, "CREATE TABLE moved (id int PRIMARY KEY, balance int)");
            value(setup, "INSERT INTO moved SELECT i, 100 FROM generate_series(0, 31) i");
        }
        for (int i = 0; i < 16; i++) {
            Connection client = rig.connect();
            connections.add(client);
            int mine = i;
            clients.add(
                    CompletableFuture.runAsync(
                            () -> transfers(client, mine, isOver, longest, done),
                            work -> Thread.ofVirtual().start(work)));
        }
        await().until(() -> done.get() > 200);

        hold(rig, "test", LONG);
        HoldStatus drained = drained(rig, Duration.ofSeconds(5));
        for (CompletableFuture<Void> client : clients) {
            if (client.isDone()) {
                client.get();
            }
        }
        assertThat(drained).matches(HoldStatus::isDrained);
        rig.postgres().instance().stop(StopMode.FAST, RealPostgres.LIMIT);
        rig.postgres().startPrimary();
        long before = done.get();
        rig.holds().release("test", HoldScope.LOCAL);
        await().until(() -> done.get() > before + 200);
        isOver.set(true);

        for (CompletableFuture<Void> client : clients) {
            client.get(20, TimeUnit.SECONDS);
        }
        for (Connection each : connections) {
            each.close();
        }
        try (Connection check = rig.connect()) {
            assertThat(value(check, "SELECT sum(balance) FROM moved")).isEqualTo("3200");
            value(check, "DROP TABLE moved");
        }
        assertThat(Duration.ofNanos(longest.get())).isLessThan(Duration.ofSeconds(8));
    }

    private static void transfers(
            Connection client,
            int mine,
            AtomicBoolean isOver,
            AtomicLong longest,
            AtomicLong done) {
        try {
            client.setAutoCommit(false);
            while (!isOver.get()) {
                long begun = System.nanoTime();
                value(client, "UPDATE moved SET balance = balance - 1 WHERE id = " + mine);
                value(client, "UPDATE moved SET balance = balance + 1 WHERE id = " + (mine + 16));
                client.commit();
                longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
                done.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
