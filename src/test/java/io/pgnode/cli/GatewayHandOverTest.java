package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.feed.FeedServer;
import io.pgnode.feed.HoldClient;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.gateway.FakeFeed;
import io.pgnode.guard.RunFiles;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.JdbcAddress;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.Storm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pgnode gateway --take-over} beside a gateway under a storm of logins. */
class GatewayHandOverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String LOOK =
            "GET /;csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final String MEMBER = "pg-test-1";

    @TempDir Path dir = Path.of("");
    private final int primary = FreePorts.next();
    private final int standard = FreePorts.next();
    private final int pooler = FreePorts.next();
    private final int stats = FreePorts.next();

    private RunFiles files() {
        return new RunFiles(dir.resolve("run"));
    }

    private Process gateway(String output, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("gateway", "-c"));
        arguments.add(dir.resolve("pgnode.yml").toString());
        arguments.addAll(List.of(more));
        return PoolerProcess.program(dir.resolve(output), arguments);
    }

    private void write(RealPostgres server) throws IOException {
        Files.writeString(
                dir.resolve("pgnode.yml"),
                """
                cluster: pg-test
                seq: 1
                address: 127.0.0.1
                run-dir: %s
                postgresql: { port: %d, socket-dir: %s }
                pooler: { listen: 127.0.0.1, port: %d }
                services:
                  primary: { bind: ["127.0.0.1:%d"] }
                  default: { bind: ["127.0.0.1:%d"] }
                  replica: { enabled: false }
                  offline: { enabled: false }
                gateway:
                  stats: { listen: 127.0.0.1, port: %d, socket: %s }
                """
                        .formatted(
                                files().directory(),
                                server.settings().port(),
                                server.settings().socketDir(),
                                pooler,
                                primary,
                                standard,
                                stats,
                                dir.resolve("haproxy.sock")));
    }

    private static Connection connect(int port) throws SQLException {
        return new JdbcAddress("127.0.0.1", port, 20, 60).connect("postgres", "app", "app-secret");
    }

    private static boolean serves(int port) {
        try (Connection client = connect(port)) {
            return PoolerProcess.ask(client, "SELECT 1").equals("1");
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void noLoginFailsAndOldSessionsEndWhereTheyAre() throws Exception {
        try (RealPostgres server = RealPostgres.create("gateways").bootstrap()) {
            server.sql("CREATE ROLE app LOGIN PASSWORD 'app-secret'");
            write(server);
            Files.createDirectories(files().directory());
            FakeFeed feed = new FakeFeed(Map.of(MEMBER, server.settings().connectAddress()));
            feed.tell(MEMBER, 1);
            try (FeedServer agent = new FeedServer(files().agentSocket())) {
                agent.start();
                feed.open().subscribe(agent::publish);
                Process first = gateway("first");
                try {
                    await().atMost(PATIENCE).until(() -> serves(primary));
                    succeed(first);
                } finally {
                    first.destroyForcibly();
                }
            }
        }
    }

    private void succeed(Process first) throws Exception {
        try (Storm storm = new Storm()) {
            for (int port : List.of(primary, standard, pooler)) {
                storm.add(port, () -> logIn(port));
            }
            storm.add("statistics", () -> look(stats));
            storm.awaitMore(100, PATIENCE);
            Connection pooled = connect(primary);
            Connection direct = connect(standard);
            pooled.setAutoCommit(false);
            PoolerProcess.ask(pooled, "SELECT set_config('work_mem', '1234kB', true)");
            int before = storm.served();
            Process second = gateway("second", "--take-over");
            try {
                await().atMost(PATIENCE).until(() -> hasLock(second) || !second.isAlive());
                assertThat(second.isAlive())
                        .as(() -> "the successor says: " + said("second"))
                        .isTrue();
                System.out.printf(
                        "requests while the gateways changed: %d%n", storm.served() - before);
                storm.awaitMore(200, PATIENCE);
                assertThat(PoolerProcess.ask(pooled, "SHOW work_mem")).isEqualTo("1234kB");
                assertThat(PoolerProcess.ask(direct, "SELECT 2")).isEqualTo("2");
                assertThat(first.isAlive()).isTrue();
                aHoldCountsForBoth(storm, pooled);
                pooled.close();
                direct.close();
                assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(first.exitValue()).isZero();
                storm.awaitMore(100, PATIENCE);
                storm.end();
                assertThat(storm.failures()).isEmpty();
                assertThat(files().gatewaySocket()).isSymbolicLink();
                Signals.send(second.pid(), Signal.TERM);
                assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(second.exitValue()).isZero();
                assertThat(files().gatewaySocket()).doesNotExist();
                assertThat(dir.resolve("haproxy.sock")).doesNotExist();
            } finally {
                second.destroyForcibly();
            }
        }
    }

    private String said(String output) {
        try {
            return Files.readString(dir.resolve(output));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private boolean hasLock(Process gateway) {
        return RunLock.holder(files().gatewayLock())
                .map(ProcessIdentity::pid)
                .filter(pid -> pid == gateway.pid())
                .isPresent();
    }

    /** A transaction that is open in the first is open for whoever asks the second. */
    private void aHoldCountsForBoth(Storm storm, Connection pooled) throws Exception {
        HoldClient client = new HoldClient(files().gatewaySocket());
        HoldRequest request =
                new HoldRequest("test", HoldScope.PRIMARY, Long.MAX_VALUE, Duration.ofSeconds(30));
        client.hold(request).join();
        try {
            await().until(
                            () -> {
                                HoldStatus now =
                                        client.drained(HoldScope.PRIMARY, Duration.ZERO).join();
                                return now.open() == 1;
                            });
            pooled.commit();
            HoldStatus drained = client.drained(HoldScope.PRIMARY, Duration.ofSeconds(10)).join();
            assertThat(drained.open()).isZero();
        } finally {
            client.releaseAndAsk("test", HoldScope.PRIMARY).join();
        }
        storm.awaitMore(50, PATIENCE);
    }

    private static void logIn(int port) throws SQLException {
        try (Connection client = connect(port)) {
            PoolerProcess.ask(client, "SELECT 1");
        }
    }

    private static void look(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(LOOK.getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 200")) {
                throw new IOException(answer);
            }
        }
    }
}
