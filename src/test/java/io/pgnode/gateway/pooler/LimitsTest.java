package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that take more than they should get. */
class LimitsTest {
    private static final long FEW_BYTES = 3_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String QUIET =
            "log_connections = 0\nlog_disconnections = 0\nlog_pooler_errors = 0\n";

    private static PoolerRig rig;

    @TempDir static Path keys = Path.of("");

    @BeforeAll
    static void start() throws Exception {
        new TestCertificates(keys).make("pooler", "localhost", "DNS:localhost");
        rig = PoolerRig.start("pool_size=2", "pool_mode = transaction\n" + QUIET);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void loginsThatAreNotFinishedAreEnded() throws Exception {
        byte[] startup = Wire.startup("user", "somebody", "database", "postgres");
        byte[] hello = Wire.concat(new byte[] {0x16, 3, 1, 1, 0}, new byte[50]);
        try (PoolerRig strict =
                        rig.another(
                                "",
                                "tcp_defer_accept = 0\nclient_login_timeout = 1\nclient_tls_sslmode = allow\n"
                                        + "client_tls_key_file = %s\nclient_tls_cert_file = %s\n"
                                                .formatted(
                                                        keys.resolve("pooler.key"),
                                                        keys.resolve("pooler.crt"))
                                        + QUIET);
                Connection witness = strict.connect()) {
            List<WireClient> slow = new ArrayList<>();
            for (byte[] begin :
                    List.of(
                            new byte[0],
                            new byte[] {0},
                            java.util.Arrays.copyOf(startup, 20),
                            Wire.TLS_REQUEST,
                            hello)) {
                WireClient client = new WireClient(strict.port());
                client.send(begin);
                slow.add(client);
            }
            WireClient half = new WireClient(strict.port());
            half.send(Wire.TLS_REQUEST);
            assertThat(half.readByte()).isEqualTo('S');
            half.send(hello);
            slow.add(half);
            long begun = System.nanoTime();
            for (int i = 0; i < slow.size(); i++) {
                String answer = slow.get(i).untilEnd();
                if (i < 3) {
                    assertThat(answer).contains("08P01", "client_login_timeout");
                }
                slow.get(i).close();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LIMIT);
            assertThat(value(witness, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aClientThatWaitsIsNotReadWithoutEnd() throws Exception {
        try (LeakWatch leaks = LeakWatch.start();
                WireClient first = WireClient.login(rig.port());
                WireClient second = WireClient.login(rig.port());
                WireClient third = WireClient.login(rig.port())) {
            first.query("BEGIN");
            second.query("BEGIN");
            byte[] query = Wire.query("SELECT '" + "x".repeat(10_000) + "'");
            int many = 2000;
            Thread sender = sendInBackground(third, query, many);
            sender.join(1000); // it blocks: nobody takes what it sends
            assertThat(sender.isAlive()).isTrue();
            assertThat(LeakWatch.used()).isLessThan(FEW_BYTES);
            first.query("COMMIT");
            for (int i = 0; i < many; i++) {
                assertThat(third.untilReady().value()).hasSize(10_000);
            }
            sender.join();
            second.query("COMMIT");
            leaks.check();
        }
    }

    private static Thread sendInBackground(WireClient client, byte[] message, int times) {
        return Thread.startVirtualThread(
                () -> {
                    try {
                        for (int i = 0; i < times; i++) {
                            client.send(message);
                        }
                    } catch (IOException _) {
                        // The test is over.
                    }
                });
    }

    @Test
    void aClientThatDoesNotReadHoldsOnlyItsServer() throws Exception {
        try (LeakWatch leaks = LeakWatch.start();
                Connection other = rig.connect()) {
            try (WireClient greedy = WireClient.login(rig.port())) {
                greedy.send(Wire.query("SELECT repeat('x', 1000) FROM generate_series(1, 200000)"));
                for (int i = 0; i < 50; i++) {
                    assertThat(value(other, "SELECT " + i)).isEqualTo("" + i);
                    assertThat(LeakWatch.used()).isLessThan(FEW_BYTES);
                    Waiting.pause(10);
                }
            }
            leaks.check();
        }
    }

    @Test
    void aMessageThatMustBeWholeHasALimit() throws Exception {
        try (LeakWatch leaks = LeakWatch.start()) {
            try (WireClient client = WireClient.login(rig.port())) {
                client.send(Wire.withLength('P', 17 << 20, Wire.string("x")));
                assertThat(client.untilEnd()).contains("08P01", "message too long");
            }
            leaks.check();
        }
    }

    @Test
    void strangersCostNoServer() throws Exception {
        Path users =
                Files.writeString(rig.postgres().root().resolve("users.txt"), "\"known\" \"pw\"\n");
        try (PoolerRig strict =
                rig.another("", "auth_type = scram-sha-256\nauth_file = " + users + "\n" + QUIET)) {
            for (String user : List.of("known", "nobody", "postgres")) {
                for (String database : List.of("postgres", "nowhere", "pgbouncer")) {
                    assertThatThrownBy(() -> logIn(strict.port(), database, user))
                            .extracting(e -> ((SQLException) e).getSQLState())
                            .isEqualTo("28P01");
                }
            }
            assertThat(strict.servers()).isZero();
        }
    }

    private static void logIn(int port, String database, String user) throws SQLException {
        DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:"
                                + port
                                + "/"
                                + database
                                + "?sslmode=disable&connectTimeout=10&socketTimeout=10",
                        user,
                        "wrong")
                .close();
    }

    @Test
    void aFloodOfConnectionsIsRefusedAndEndsWithItsFlood() throws Exception {
        try (PoolerRig small =
                        rig.another(
                                "",
                                "max_client_conn = 20\ntcp_defer_accept = 0\nclient_login_timeout = 5\n"
                                        + QUIET);
                Connection witness = small.connect()) {
            List<Socket> flood = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                flood.add(new Socket(InetAddress.ofLiteral("127.0.0.1"), small.port()));
            }
            try (WireClient late = new WireClient(small.port())) {
                assertThat(late.untilEnd()).contains("53300");
            }
            assertThat(value(witness, "SELECT 1")).isEqualTo("1");
            for (Socket one : flood) {
                one.close();
            }
            Waiting.until(
                    LIMIT,
                    () -> "there is room again",
                    () -> {
                        try (WireClient next = WireClient.login(small.port())) {
                            return next.query("SELECT 1").value().equals("1");
                        } catch (SocketException e) {
                            return false;
                        } catch (IOException e) {
                            assertThat(e).hasMessageContaining("53300");
                            return false;
                        }
                    });
        }
    }
}
