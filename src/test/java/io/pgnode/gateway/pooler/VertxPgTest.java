package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Vert.x client, which pipelines everything. */
class VertxPgTest {
    private static PoolerRig transactions;
    private static PoolerRig sessions;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        transactions = PoolerRig.start("pool_size=3", "pool_mode = transaction\n");
        sessions = transactions.another("pool_size=5", "pool_mode = session\n");
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() throws Exception {
        await(vertx.close());
        sessions.close();
        transactions.close();
    }

    static Stream<Integer> ports() {
        return Stream.of(transactions.port(), sessions.port());
    }

    private static <T> T await(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static PgConnection connect(int port) throws Exception {
        return connect(port, true);
    }

    private static PgConnection connect(int port, boolean isCaching) throws Exception {
        return await(
                PgConnection.connect(
                        vertx,
                        new PgConnectOptions()
                                .setHost("127.0.0.1")
                                .setPort(port)
                                .setUser("somebody")
                                .setPassword("none")
                                .setDatabase("postgres")
                                .setCachePreparedStatements(isCaching)
                                .setPipeliningLimit(64)));
    }

    private static int number(RowSet<Row> rows) {
        return rows.iterator().next().getInteger(0);
    }

    /** Clients that ask in turn. */
    private record Clients(List<PgConnection> all) implements AutoCloseable {
        static Clients five(int port, boolean isCaching) throws Exception {
            List<PgConnection> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                all.add(connect(port, isCaching));
            }
            return new Clients(all);
        }

        /** Asks 500 times at once; the answers must be 0 to 499. */
        void ask(BiFunction<PgConnection, Integer, Future<RowSet<Row>>> question) throws Exception {
            List<Future<RowSet<Row>>> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                answers.add(question.apply(all.get(i % all.size()), i));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(number(await(answers.get(i)))).isEqualTo(i);
            }
        }

        @Override
        public void close() {
            for (PgConnection client : all) {
                client.close()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ports")
    void pipelinedQueriesGetTheirOwnAnswers(int port) throws Exception {
        try (Clients clients = Clients.five(port, true)) {
            for (int round = 0; round < 3; round++) {
                clients.ask(
                        (client, i) ->
                                i % 3 == 0
                                        ? client.query("SELECT " + i).execute()
                                        : client.preparedQuery("SELECT $1::int + " + i % 10)
                                                .execute(Tuple.of(i - i % 10)));
            }
        }
    }

    /** Each statement is prepared in one round trip, without a name, and executed in the next. */
    @ParameterizedTest
    @MethodSource("ports")
    void clientsThatPrepareWithoutANameShareServers(int port) throws Exception {
        try (Clients clients = Clients.five(port, false)) {
            clients.ask(
                    (client, i) ->
                            client.preparedQuery("SELECT $1::int + " + i % 7)
                                    .execute(Tuple.of(i - i % 7)));
        }
    }

    @ParameterizedTest
    @MethodSource("ports")
    void aFailedOneAmongPipelinedQueriesHurtsNoOther(int port) throws Exception {
        PgConnection client = connect(port);
        List<Future<RowSet<Row>>> answers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            answers.add(client.preparedQuery("SELECT 10 / $1::int").execute(Tuple.of(i % 5)));
        }
        for (int i = 0; i < 60; i++) {
            Future<RowSet<Row>> answer = answers.get(i);
            if (i % 5 == 0) {
                assertThatThrownBy(() -> await(answer)).hasMessageContaining("division by zero");
            } else {
                assertThat(number(await(answer))).isEqualTo(10 / (i % 5));
            }
        }
        assertThatThrownBy(() -> await(client.preparedQuery("SELECT FROM nowhere").execute()))
                .hasMessageContaining("nowhere");
        assertThat(number(await(client.query("SELECT 1").execute()))).isEqualTo(1);
        await(client.close());
    }

    @ParameterizedTest
    @MethodSource("ports")
    void transactionsAndBatches(int port) throws Exception {
        PgConnection client = connect(port);
        await(client.query("CREATE TABLE vertx_t (a int PRIMARY KEY, b text)").execute());
        try {
            Transaction transaction = await(client.begin());
            List<Tuple> rows = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                rows.add(Tuple.of(i, "row " + i));
            }
            await(client.preparedQuery("INSERT INTO vertx_t VALUES ($1, $2)").executeBatch(rows));
            await(transaction.commit());
            Transaction second = await(client.begin());
            await(client.query("DELETE FROM vertx_t").execute());
            await(second.rollback());
            assertThat(number(await(client.query("SELECT count(*)::int FROM vertx_t").execute())))
                    .isEqualTo(2000);

            Transaction third = await(client.begin());
            PreparedStatement statement =
                    await(client.prepare("SELECT a FROM vertx_t WHERE a >= $1 ORDER BY a"));
            Cursor cursor = statement.cursor(Tuple.of(10));
            int seen = 0;
            int next = 10;
            while (seen == 0 || cursor.hasMore()) {
                for (Row row : await(cursor.read(300))) {
                    assertThat(row.getInteger(0)).isEqualTo(next++);
                    seen++;
                }
            }
            assertThat(seen).isEqualTo(1990);
            await(cursor.close());
            await(third.commit());
        } finally {
            await(client.query("DROP TABLE vertx_t").execute());
            await(client.close());
        }
    }

    @ParameterizedTest
    @MethodSource("ports")
    void bigResults(int port) throws Exception {
        PgConnection client = connect(port);
        RowSet<Row> rows =
                await(
                        client.preparedQuery(
                                        "SELECT i, repeat('x', 100) FROM generate_series(1, 50000) i")
                                .execute());
        assertThat(rows.size()).isEqualTo(50_000);
        String big = "y".repeat(3_000_000);
        assertThat(
                        await(client.preparedQuery("SELECT $1::text").execute(Tuple.of(big)))
                                .iterator()
                                .next()
                                .getString(0))
                .isEqualTo(big);
        await(client.close());
    }

    @ParameterizedTest
    @MethodSource("ports")
    void cancels(int port) throws Exception {
        PgConnection client = connect(port);
        Future<RowSet<Row>> sleep = client.query("SELECT pg_sleep(30)").execute();
        try (var watcher = transactions.postgres().connect()) {
            org.awaitility.Awaitility.await()
                    .until(
                            () ->
                                    PoolerRig.value(
                                            watcher,
                                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                                                    + " AND query = 'SELECT pg_sleep(30)'"),
                            "1"::equals);
        }
        await(client.cancelRequest());
        assertThatThrownBy(() -> await(sleep)).hasMessageContaining("57014");
        assertThat(number(await(client.query("SELECT 2").execute()))).isEqualTo(2);
        await(client.close());
    }

    @Test
    void notificationsArriveInSessionMode() throws Exception {
        PgConnection listener = connect(sessions.port());
        CompletableFuture<String> heard = new CompletableFuture<>();
        listener.notificationHandler(news -> heard.complete(news.getPayload()));
        await(listener.query("LISTEN vertx_channel").execute());
        PgConnection speaker = connect(transactions.port());
        await(speaker.query("NOTIFY vertx_channel, 'news'").execute());
        assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo("news");
        await(listener.close());
        await(speaker.close());
    }
}
