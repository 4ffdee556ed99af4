package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One server for all: whatever a client leaves behind, the next one does not notice. */
class LeftBehindTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig =
                PoolerRig.start(
                        "pool_size=1", "pool_mode = transaction\nmax_prepared_statements = 1");
        rig.postgres().sql("CREATE TABLE left_behind (a int)");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static WireClient login(String... parameters) throws IOException {
        return WireClient.login(rig.port(), parameters);
    }

    private static void assertNextOneIsServed() throws IOException {
        try (WireClient next = login()) {
            assertThat(next.query("SELECT count(*) FROM left_behind").value()).isEqualTo("0");
        }
    }

    @Test
    void anErrorWithoutASyncIsNotLeftToTheNext() throws Exception {
        try (WireClient client = login()) {
            client.send(Wire.parse("", "SELECT FROM nowhere"), Wire.flush());
            assertThatThrownBy(() -> client.expect('1')).hasMessageContaining("nowhere");
        }
        assertNextOneIsServed();
    }

    @Test
    void workWithoutASyncIsRolledBack() throws Exception {
        try (WireClient client = login()) {
            client.send(Wire.run("INSERT INTO left_behind VALUES (1)"), Wire.flush());
            client.expect('1');
            client.expect('2');
            client.expect('C');
        }
        assertNextOneIsServed();
    }

    @Test
    void aCopyIsEnded() throws Exception {
        for (boolean isAsked : new boolean[] {true, false}) {
            for (boolean isExtended : new boolean[] {true, false}) {
                String sql = "COPY left_behind FROM STDIN";
                try (WireClient client = login()) {
                    client.send(
                            isExtended ? Wire.concat(Wire.run(sql), Wire.sync()) : Wire.query(sql));
                    if (isAsked) {
                        if (isExtended) {
                            client.expect('1');
                            client.expect('2');
                        }
                        client.expect('G');
                        client.send(Wire.copyData("1\n"));
                    }
                }
                assertNextOneIsServed();
            }
        }
    }

    @Test
    void aCopyInTheExtendedProtocolEndsWithItsSync() throws Exception {
        try (WireClient client = login()) {
            client.query("CREATE TABLE copied_extended (a int)");
            client.send(Wire.run("COPY copied_extended FROM STDIN"), Wire.sync());
            client.expect('1');
            client.expect('2');
            client.expect('G');
            client.send(Wire.copyData("1\n2\n"), Wire.copyDone(), Wire.sync());
            assertThat(client.untilReady().commands()).containsExactly("COPY 2");
            assertThat(client.query("SELECT count(*) FROM copied_extended").value()).isEqualTo("2");

            client.send(Wire.run("COPY copied_extended FROM STDIN"), Wire.sync());
            client.expect('1');
            client.expect('2');
            client.expect('G');
            client.send(Wire.copyData("3\n"), Wire.copyFail("no more"), Wire.sync());
            assertThatThrownBy(client::untilReady).hasMessageContaining("COPY");
            assertNextOneIsServed(); // while this one is connected
            client.query("DROP TABLE copied_extended");
        }
    }

    @Test
    void aStatementSurvivesErrorsOfOthers() throws Exception {
        try (WireClient client = login()) {
            client.send(Wire.parse("mine", "SELECT 'mine'"), Wire.sync());
            client.untilReady();
            try (WireClient other = login()) {
                // There is room for one statement: ours is closed for that.
                other.send(Wire.parse("theirs", "SELECT 'theirs'"), Wire.sync());
                other.untilReady();
            }
            client.send(Wire.run("SELECT 1 / 0"), Wire.bind("mine"), Wire.execute(), Wire.sync());
            assertThatThrownBy(client::untilReady).hasMessageContaining("division by zero");

            client.send(Wire.bind("mine"), Wire.execute(), Wire.sync());
            assertThat(client.untilReady().value()).isEqualTo("mine");
        }
    }

    @Test
    void aNameThatWasSkippedIsFree() throws Exception {
        try (WireClient client = login();
                WireClient other = login()) {
            other.send(Wire.parse("same", "SELECT 'same'"), Wire.sync());
            other.untilReady();
            client.send(Wire.run("SELECT 1 / 0"), Wire.parse("mine", "SELECT 'same'"), Wire.sync());
            assertThatThrownBy(client::untilReady).hasMessageContaining("division by zero");

            client.send(
                    Wire.parse("mine", "SELECT 'same'"),
                    Wire.bind("mine"),
                    Wire.execute(),
                    Wire.sync());
            assertThat(client.untilReady().value()).isEqualTo("same");
        }
    }

    @Test
    void aNameThatIsTakenStaysTaken() throws Exception {
        try (WireClient client = login()) {
            client.send(Wire.parse("mine", "SELECT 'first'"), Wire.sync());
            client.untilReady();
            client.send(Wire.parse("mine", "SELECT 'second'"), Wire.sync());
            assertThatThrownBy(client::untilReady).hasMessageContaining("42P05");

            for (int i = 0; i < 2; i++) {
                client.send(Wire.bind("mine"), Wire.execute(), Wire.sync());
                assertThat(client.untilReady().value()).isEqualTo("first");
            }
        }
    }

    @Test
    void aStatementWhoseClosingWasSkippedIsPreparedAgain() throws Exception {
        try (WireClient client = login()) {
            client.send(Wire.parse("one", "SELECT 'one'"), Wire.sync());
            client.untilReady();
            // The second needs the room of the first.
            client.send(Wire.run("SELECT 1 / 0"), Wire.parse("two", "SELECT 'two'"), Wire.sync());
            assertThatThrownBy(client::untilReady).hasMessageContaining("division by zero");

            for (int i = 0; i < 3; i++) {
                client.send(Wire.bind("one"), Wire.execute(), Wire.sync());
                assertThat(client.untilReady().value()).isEqualTo("one");
                client.send(
                        Wire.parse("two" + i, "SELECT 'two'"),
                        Wire.bind("two" + i),
                        Wire.execute(),
                        Wire.sync());
                assertThat(client.untilReady().value()).isEqualTo("two");
            }
        }
    }

    /** As drivers do that prepare in one round trip and execute in the next. */
    @Test
    void anUnnamedStatementIsKeptForItsClient() throws Exception {
        try (WireClient one = login();
                WireClient two = login()) {
            for (WireClient client : List.of(one, two)) {
                String text = client == one ? "SELECT 'one'" : "SELECT 'two'";
                client.send(Wire.parse("", text), Wire.describeStatement(""), Wire.sync());
                client.untilReady();
            }
            for (int i = 0; i < 3; i++) {
                one.send(Wire.describeStatement(""), Wire.sync());
                assertThat(one.untilReady().tags()).isEqualTo("tTZ");
                one.send(Wire.bind(""), Wire.execute(), Wire.sync());
                assertThat(one.untilReady().value()).isEqualTo("one");
                two.send(Wire.bind(""), Wire.execute(), Wire.sync());
                assertThat(two.untilReady().value()).isEqualTo("two");
            }
        }
    }

    @Test
    void namesInSqlAreFoundHoweverTheQueryArrives() throws Exception {
        Random random = new Random(5);
        try (WireClient client = login();
                WireClient other = login()) {
            client.query("PREPARE plan AS SELECT 'plan'");
            for (int i = 0; i < 40; i++) {
                other.query("PREPARE plan" + i + " AS SELECT " + i);
                byte[] query = Wire.query("EXECUTE plan");
                client.send(java.util.Arrays.copyOf(query, 5));
                Thread.yield();
                client.sendInPieces(
                        random, 3, java.util.Arrays.copyOfRange(query, 5, query.length));
                assertThat(client.untilReady().value()).isEqualTo("plan");
            }
        }
    }

    @Test
    void aLongQueryThatLooksLikeAnExecuteIsForwarded() throws Exception {
        String big = " ".repeat(17 << 20) + "SELECT 'big'";
        try (WireClient client = login()) {
            assertThat(client.query(big).value()).isEqualTo("big");
        }
    }

    @Test
    void whoeverSendsMoreWhileHeWaitsGetsOneServer() throws Exception {
        int clients = 12;
        int rounds = 150;
        try (ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                int number = c;
                all.add(
                        background.submit(
                                () -> {
                                    Random random = new Random(number);
                                    try (WireClient client = login()) {
                                        for (int i = 0; i < rounds; i++) {
                                            String mine = number + "-" + i;
                                            client.sendInPieces(
                                                    random, 4, Wire.query("SELECT '" + mine + "'"));
                                            WireClient.Reply reply = client.untilReady();
                                            assertThat(reply.tags()).isEqualTo("TDCZ");
                                            assertThat(reply.value()).isEqualTo(mine);
                                        }
                                    }
                                    return null;
                                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertNextOneIsServed();
    }

    @Test
    void theServersOwnLastWordsReachTheClient() throws Exception {
        try (WireClient client = login();
                Connection watcher = rig.postgres().connect()) {
            client.query("BEGIN");
            String pid = client.query(PID).value();
            value(watcher, "SELECT pg_terminate_backend(" + pid + ")");

            WireClient.Refused refused = client.expect('E').refused();
            assertThat(refused).hasMessageContaining("57P01").hasMessageContaining("administrator");
            assertThat(client.untilEnd()).isEmpty();
        }
        assertNextOneIsServed();
    }

    @Test
    void aCancelledClientThatWaitsForAServerGoesOn() throws Exception {
        try (WireClient first = login();
                WireClient second = login()) {
            first.query("BEGIN");
            for (byte[] request :
                    List.of(
                            Wire.query("SELECT 'cancelled'"),
                            Wire.concat(Wire.run("SELECT 'cancelled'"), Wire.sync()))) {
                second.send(request);
                awaitWaiting();
                WireClient.cancel(rig.port(), second.cancelKey());
                assertThatThrownBy(second::untilReady).hasMessageContaining("57014");
            }
            second.send(Wire.query("SELECT 'served'"));
            awaitWaiting();
            first.query("COMMIT");
            assertThat(second.untilReady().value()).isEqualTo("served");
        }
    }

    @Test
    void serversOfADatabaseThatMovedAreNotUsedAgain() throws Exception {
        String mode = "pool_mode = transaction\n";
        try (PoolerRig moving = rig.another("pool_size=2", mode);
                WireClient idle = WireClient.login(moving.port());
                WireClient busy = WireClient.login(moving.port())) {
            busy.query("BEGIN");
            assertThat(idle.query("SELECT current_database()").value()).isEqualTo("postgres");
            moving.reload("pool_size=2 dbname=template1", mode);
            assertThat(busy.query("SELECT current_database()").value()).isEqualTo("postgres");
            busy.query("COMMIT");

            for (WireClient client : List.of(busy, idle)) {
                assertThat(client.query("SELECT current_database()").value())
                        .isEqualTo("template1");
            }
        }
    }

    private static void awaitWaiting() throws Exception {
        try (Connection console = Census.console(rig.port())) {
            org.awaitility.Awaitility.await().until(() -> Census.take(console).waiting() == 1);
        }
    }
}
