package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Clients that leave behind their last requests, or in the middle of one. What has a Sync is done,
 * as PostgreSQL does it, and PgBouncer as far as it has passed it on.
 */
class GoodbyeTest {
    private static final byte[] TERMINATE = Wire.message('X');

    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = PoolerRig.start("pool_size=1", "pool_mode = transaction\ncancel_wait_timeout = 3");
        rig.postgres().sql("CREATE TABLE done (what text)");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static WireClient login() throws IOException {
        return WireClient.login(rig.port());
    }

    private static byte[] slow(String what) {
        return Wire.run("INSERT INTO done SELECT '" + what + "' FROM pg_sleep(0.4)");
    }

    private static byte[] insert(String what) {
        return Wire.run("INSERT INTO done VALUES ('" + what + "')");
    }

    private static int count(String what) throws IOException {
        try (WireClient next = login()) {
            return Integer.parseInt(
                    next.query("SELECT count(*) FROM done WHERE what = '" + what + "'").value());
        }
    }

    private static long serverPid() throws IOException {
        try (WireClient next = login()) {
            return Long.parseLong(next.query("SELECT pg_backend_pid()").value());
        }
    }

    /** The query of the only server has this in its text, and runs. */
    private static void awaitRunning(String part) {
        await().until(
                        () ->
                                "1"
                                        .equals(
                                                rig.postgres()
                                                        .sql(
                                                                "SELECT count(*) FROM"
                                                                        + " pg_stat_activity WHERE"
                                                                        + " state = 'active' AND query"
                                                                        + " LIKE '%"
                                                                        + part.replace("'", "''")
                                                                        + "%' AND pid <>"
                                                                        + " pg_backend_pid()")));
    }

    @Test
    void aPipelineIsDoneToItsLastSync() throws Exception {
        long before = serverPid();
        try (WireClient client = login()) {
            client.send(slow("a"), Wire.sync(), insert("b"), Wire.sync());
            awaitRunning("'a'");
            client.send(TERMINATE);
        }
        try (WireClient client = login()) {
            client.send(slow("c"), Wire.sync());
            awaitRunning("'c'");
            client.send(insert("d"), Wire.sync(), TERMINATE);
        }
        try (WireClient client = login()) {
            client.send(Wire.query("INSERT INTO done SELECT 'e' FROM pg_sleep(0.4)"));
            awaitRunning("'e'");
            client.send(TERMINATE);
        }
        for (String what : List.of("a", "b", "c", "d", "e")) {
            assertThat(count(what)).as(what).isEqualTo(1);
        }
        assertThat(serverPid()).isEqualTo(before);
    }

    @Test
    void whatHasNoSyncIsNot() throws Exception {
        try (WireClient client = login()) {
            client.send(slow("f"), Wire.sync());
            awaitRunning("'f'");
            client.send(insert("g"), TERMINATE);
        }
        assertThat(count("f")).isEqualTo(1);
        assertThat(count("g")).isZero();
    }

    @Test
    void anOpenTransactionIsRolledBack() throws Exception {
        try (WireClient client = login()) {
            client.query("BEGIN");
            client.send(slow("h"), Wire.sync());
            awaitRunning("'h'");
            client.send(TERMINATE);
        }
        assertThat(count("h")).isZero();
    }

    @Test
    void whatTakesTooLongIsCancelled() throws Exception {
        long before = serverPid();
        try (WireClient client = login()) {
            client.send(Wire.query("INSERT INTO done SELECT 'i' FROM pg_sleep(60)"));
            awaitRunning("'i'");
            client.send(TERMINATE);
        }
        assertThat(count("i")).isZero();
        assertThat(serverPid()).isEqualTo(before);
    }

    @Test
    void aClientThatIsJustGoneWantsNothing() throws Exception {
        try (WireClient client = login()) {
            client.send(Wire.query("INSERT INTO done SELECT 'j' FROM pg_sleep(2)"));
            awaitRunning("'j'");
        }
        assertThat(count("j")).isZero();
    }

    /** The server waits for the rest of the message, so that nobody else can use it. */
    @Test
    void halfAMessageIsNeverEndedBySomebodyElse() throws Exception {
        String text = "SELECT '" + "x".repeat(3 << 20) + "'";
        byte[][] halves = {
            half(Wire.message('Q', Wire.string(text))),
            half(Wire.parse("", text)),
            half(Wire.bind("", "y".repeat(3 << 20))),
        };
        for (byte[] half : halves) {
            try (WireClient client = login()) {
                client.send(Wire.query("BEGIN"));
                client.untilReady();
                client.send(Wire.parse("", "SELECT $1::text"));
                client.send(half);
            }
            try (WireClient next = login()) {
                assertThat(next.query("SELECT 1").value()).isEqualTo("1");
                assertThat(next.query("SELECT count(*) FROM done WHERE what = 'z'").value())
                        .isEqualTo("0");
            }
        }
        try (WireClient client = login()) {
            client.send(Wire.query("COPY done FROM STDIN"));
            client.expect('G');
            client.send(half(Wire.copyData("z\n".repeat(1 << 20))));
        }
        assertThat(count("z")).isZero();
        await().atMost(Duration.ofSeconds(10)).until(() -> rig.servers() == 1);
    }

    @Test
    void aServerThatCannotBeCancelledIsReplaced() throws Exception {
        long stuck = serverPid();
        try {
            try (WireClient client = login()) {
                client.send(Wire.query("INSERT INTO done SELECT 'k' FROM pg_sleep(1)"));
                awaitRunning("'k'");
                Signals.send(stuck, Signal.STOP);
            }
            assertThat(serverPid()).isNotEqualTo(stuck);
        } finally {
            Signals.send(stuck, Signal.CONT);
        }
    }

    @Test
    void aDatabaseThatNobodyDeclaredIsForgotten() throws Exception {
        String any =
                "\n* = host="
                        + rig.postgres().root()
                        + " port="
                        + rig.postgres().settings().port()
                        + " user=postgres password='super''secret\\1'";
        try (PoolerRig other =
                rig.another(any, "autodb_idle_timeout = 1\nserver_idle_timeout = 1")) {
            try (WireClient declared = WireClient.login(other.port());
                    WireClient client = WireClient.login(other.port(), "database", "template1")) {
                assertThat(declared.query("SELECT 1").value()).isEqualTo("1");
                assertThat(client.query("SELECT 1").value()).isEqualTo("1");
                assertThat(other.pools()).containsExactlyInAnyOrder("postgres", "template1");
            }
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> other.pools().equals(List.of("postgres")));
        }
    }

    /** More than a megabyte, and not all. */
    private static byte[] half(byte[] message) {
        return Arrays.copyOf(message, message.length * 2 / 3);
    }
}
