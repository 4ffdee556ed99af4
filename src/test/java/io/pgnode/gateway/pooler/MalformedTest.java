package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.wire.FrontendTag;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Bytes that no client should send: each gets a clear answer and the end of its connection, and
 * somebody else, who is in the middle of a transaction, does not notice.
 */
class MalformedTest {
    private static final int[] WRONG_LENGTHS = {0, 1, 2, 3, -1, -4, Integer.MIN_VALUE};
    private static final String VIOLATION = "08P01";

    private static PoolerRig rig;
    private static Connection witness;
    private static String witnessServer;
    private static LeakWatch leaks;

    @BeforeAll
    static void start() throws Exception {
        rig =
                PoolerRig.start(
                        "pool_size=3",
                        "pool_mode = transaction\nmax_client_conn = 1000\nclient_login_timeout = 15\n"
                                + "log_connections = 0\nlog_disconnections = 0\n"
                                + "log_pooler_errors = 0\n");
        witness = rig.connect();
        witness.setAutoCommit(false);
        value(witness, "CREATE TEMP TABLE mine AS SELECT 'untouched' AS a");
        witnessServer = String.valueOf(value(witness, "SELECT pg_backend_pid()"));
        leaks = LeakWatch.start();
    }

    @AfterAll
    static void stop() throws Exception {
        leaks.close();
        witness.close();
        rig.close();
    }

    @AfterEach
    void nothingElseIsDisturbed() throws SQLException {
        assertWitnessGoesOn();
        leaks.check();
    }

    private static void assertWitnessGoesOn() throws SQLException {
        assertThat(value(witness, "SELECT a FROM mine")).isEqualTo("untouched");
        assertThat(value(witness, "SELECT pg_backend_pid()")).isEqualTo(witnessServer);
    }

    private static String answerTo(byte[]... bytes) throws IOException {
        try (WireClient client = new WireClient(rig.port())) {
            client.send(bytes);
            return client.untilEnd();
        }
    }

    private static String answerAfterLogin(byte[]... bytes) throws IOException {
        try (WireClient client = WireClient.login(rig.port())) {
            client.send(bytes);
            return client.untilEnd();
        }
    }

    // ---------------------------------------------------------------- the first message

    @Test
    void firstMessages() throws Exception {
        byte[] three = Wire.int32(3 << 16);
        List<byte[]> all = new ArrayList<>();
        for (int length : new int[] {0, 1, 3, 4, 7, 10_001, 1_000_000_000, -1, Integer.MIN_VALUE}) {
            all.add(Wire.opening(length, three));
        }
        all.add(Wire.opening(8, Wire.int32(2 << 16)));
        all.add(Wire.opening(8, Wire.int32(4 << 16)));
        all.add(Wire.opening(8, three)); // not even the last zero byte
        all.add(Wire.opening(9, three, Wire.text("x")));
        all.add(Wire.opening(12, three, Wire.text("user"))); // no end of the name
        all.add(Wire.opening(17, three, Wire.string("user"), Wire.text("some")));
        all.add(Wire.opening(18, three, Wire.string("user"), Wire.string("some"))); // no end of all
        all.add(Wire.opening(9, three, new byte[1])); // nobody
        all.add(Wire.opening(9, Wire.int32(80877103), new byte[1]));
        all.add(Wire.opening(12, Wire.int32(80877102), Wire.int32(1)));
        all.add(Wire.opening(8, Wire.int32(80877102)));
        all.add(Wire.opening(8, Wire.int32(80877199)));
        all.add(Wire.concat(Wire.TLS_REQUEST, Wire.startup("user", "x")));
        all.add(Wire.concat(Wire.GSS_REQUEST, new byte[] {1}));
        all.add(Wire.concat(new byte[] {0x16, 3, 1, 0, 5}, Wire.text("hello")));
        all.add(Wire.text("GET / HTTP/1.0\r\n\r\n"));
        for (byte[] one : all) {
            assertThat(answerTo(one)).as(java.util.HexFormat.of().formatHex(one)).contains("FATAL");
            assertWitnessGoesOn();
        }
        assertThat(answerTo(Wire.cancel(42))).isEmpty();
        assertThat(answerTo(Wire.GSS_REQUEST, Wire.GSS_REQUEST)).contains(VIOLATION);
    }

    @Test
    void requestsForEncryptionAreAnsweredBeforeTheLogin() throws Exception {
        try (WireClient client = new WireClient(rig.port())) {
            client.send(Wire.GSS_REQUEST);
            assertThat(client.readByte()).isEqualTo('N');
            client.send(Wire.TLS_REQUEST);
            assertThat(client.readByte()).isEqualTo('N');
            client.send(Wire.startup("user", "somebody", "database", "postgres"));
            client.untilReady();
            assertThat(client.query("SELECT 1").value()).isEqualTo("1");
        }
    }

    @Test
    void randomFirstBytes() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 150; i++) {
            byte[] junk = new byte[4 + random.nextInt(200)];
            random.nextBytes(junk);
            junk[0] |= 1; // as a length this is too long, so that there is an answer
            assertThat(answerTo(junk).length()).isLessThan(500);
        }
    }

    // ---------------------------------------------------------------- after the login

    @Test
    void wrongLengths() throws Exception {
        for (char tag : "QPBDECSHFdcfX".toCharArray()) {
            for (int length : WRONG_LENGTHS) {
                assertThat(answerAfterLogin(Wire.withLength(tag, length, Wire.string("x"))))
                        .as(tag + " " + length)
                        .contains(VIOLATION);
            }
        }
    }

    @Test
    void unknownTypes() throws Exception {
        for (int tag = 0; tag < 256; tag++) {
            if (!FrontendTag.isKnown((byte) tag)) {
                assertThat(answerAfterLogin(Wire.message((char) tag, Wire.string("x"))))
                        .as("type %d", tag)
                        .contains(VIOLATION);
            }
        }
    }

    @Test
    void lengthsThatAreTooLongToBeRewritten() throws Exception {
        for (char tag : "PBDC".toCharArray()) {
            assertThat(answerAfterLogin(Wire.withLength(tag, Integer.MAX_VALUE, Wire.string("x"))))
                    .as("type %s", tag)
                    .contains(VIOLATION, "message too long");
        }
    }

    @Test
    void endlessCopyDataNobodyAskedForIsDropped() throws Exception {
        for (char tag : "dcf".toCharArray()) {
            try (WireClient client = WireClient.login(rig.port())) {
                client.send(Wire.withLength(tag, Integer.MAX_VALUE, new byte[100_000]));
                client.send(new byte[1_000_000]);
            }
            assertWitnessGoesOn();
            try (WireClient next = WireClient.login(rig.port())) {
                assertThat(next.query("SELECT 1").value()).isEqualTo("1");
            }
        }
    }

    @Test
    void hugeMessagesThatAreForwarded() throws Exception {
        for (char tag : "QESHF".toCharArray()) {
            try (WireClient client = WireClient.login(rig.port())) {
                client.send(Wire.withLength(tag, Integer.MAX_VALUE, Wire.string("SELECT 1")));
                client.send(new byte[100_000]);
                client.reset();
            }
            assertWitnessGoesOn();
        }
    }

    @Test
    void messagesWithoutTheirStrings() throws Exception {
        List<byte[]> all =
                List.of(
                        Wire.message('P'),
                        Wire.message('P', Wire.text("x")),
                        Wire.message('P', Wire.string("x"), Wire.text("SELECT")),
                        Wire.message('B'),
                        Wire.message('B', Wire.text("x")),
                        Wire.message('B', Wire.string("x"), Wire.text("y")),
                        Wire.message('D'),
                        Wire.message('D', Wire.text("S")),
                        Wire.message('D', Wire.text("Sx")),
                        Wire.message('C'),
                        Wire.message('C', Wire.text("P")),
                        Wire.message('C', Wire.text("Px")),
                        Wire.message('Q'),
                        Wire.message('Q', Wire.text("EXECUTE x")));
        for (byte[] one : all) {
            assertThat(answerAfterLogin(one))
                    .as(java.util.HexFormat.of().formatHex(one))
                    .contains(VIOLATION);
        }
    }

    /** Only the server can see these; it says so and goes on with the connection after a Sync. */
    @Test
    void messagesThatTheServerRefuses() throws Exception {
        byte[] value = Wire.concat(Wire.int32(1), Wire.text("1"));
        List<byte[]> all =
                List.of(
                        Wire.message('P', Wire.string("n1"), Wire.string("SELECT 1")),
                        Wire.message(
                                'P', Wire.string("n2"), Wire.string("SELECT 1"), Wire.int16(9)),
                        Wire.message(
                                'P', Wire.string("n3"), Wire.string("SELECT 1"), Wire.int16(-9)),
                        Wire.message('P', Wire.string(""), Wire.string("SELECT 1")),
                        Wire.message('B', Wire.string(""), Wire.string("one")),
                        bind(Wire.int16(5), Wire.int16(0), Wire.int16(0)),
                        bind(Wire.int16(-5), Wire.int16(1), value, Wire.int16(0)),
                        bind(Wire.int16(0), Wire.int16(7), value, Wire.int16(0)),
                        bind(Wire.int16(0), Wire.int16(-7), value, Wire.int16(0)),
                        bind(Wire.int16(0), Wire.int16(1), Wire.int32(-5), Wire.int16(0)),
                        bind(Wire.int16(0), Wire.int16(1), Wire.int32(1 << 30), Wire.int16(0)),
                        bind(Wire.int16(0), Wire.int16(1), value, Wire.int16(3)),
                        bind(Wire.int16(0), Wire.int16(1), value),
                        bind(Wire.int16(0), Wire.int16(1), value, Wire.int16(0), value),
                        Wire.message('D', Wire.text("X"), Wire.string("one")),
                        Wire.message('C', Wire.text("X"), Wire.string("one")),
                        Wire.message('E', Wire.string("nowhere"), Wire.int32(0)),
                        Wire.message('E'),
                        Wire.message('E', Wire.text("x")));
        try (WireClient client = WireClient.login(rig.port())) {
            client.send(Wire.parse("one", "SELECT $1::int"), Wire.sync());
            client.untilReady();
            for (byte[] one : all) {
                String what = java.util.HexFormat.of().formatHex(one);
                client.send(one, Wire.sync());
                WireClient.Refused refused = refusal(client);
                assertThat(refused).as(what).isNotNull();
                assertThat(refused.isFatal()).as(what).isFalse();
                client.send(Wire.bind("one", "5"), Wire.execute(), Wire.sync());
                assertThat(client.untilReady().value()).as(what).isEqualTo("5");
            }
        }
    }

    private static byte[] bind(byte[]... rest) {
        return Wire.message('B', Wire.string(""), Wire.string("one"), Wire.concat(rest));
    }

    private static WireClient.Refused refusal(WireClient client) throws IOException {
        try {
            WireClient.Reply reply = client.untilReady();
            throw new AssertionError("was accepted: " + reply);
        } catch (WireClient.Refused e) {
            return e;
        }
    }

    @Test
    void randomBytesAfterTheLogin() throws Exception {
        Random random = new Random(2);
        for (int i = 0; i < 150; i++) {
            byte[] junk = new byte[1 + random.nextInt(300)];
            random.nextBytes(junk);
            try (WireClient client = WireClient.login(rig.port())) {
                if (random.nextBoolean()) {
                    client.send(Wire.query("BEGIN"));
                }
                client.send(junk);
                if (random.nextBoolean()) {
                    client.reset();
                }
            }
        }
        assertServersAreLeft();
    }

    /** Right messages with one byte changed: whatever happens, it happens to the sender only. */
    @Test
    void rightMessagesWithOneWrongByte() throws Exception {
        Random random = new Random(3);
        byte[] right =
                Wire.concat(
                        Wire.parse("s", "SELECT $1::text"),
                        Wire.describeStatement("s"),
                        Wire.bind("s", "text"),
                        Wire.execute(),
                        Wire.closeStatement("s"),
                        Wire.sync(),
                        Wire.query("SELECT 1"));
        for (int i = 0; i < 300; i++) {
            byte[] wrong = right.clone();
            wrong[random.nextInt(wrong.length)] = (byte) random.nextInt(256);
            try (WireClient client = WireClient.login(rig.port())) {
                client.send(wrong);
                if (random.nextInt(3) == 0) {
                    client.reset();
                }
            }
        }
        assertServersAreLeft();
    }

    private static void assertServersAreLeft() throws IOException, SQLException {
        assertWitnessGoesOn();
        for (int i = 0; i < 6; i++) {
            try (WireClient next = WireClient.login(rig.port())) {
                assertThat(next.query("SELECT " + i).value()).isEqualTo("" + i);
            }
        }
    }
}
