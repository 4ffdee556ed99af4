package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.os.Signal;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.Storm;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pgnode pooler -R} beside a pooler under a storm of logins. */
class PoolerHandOverTest {
    private static final int CLIENTS = 4;
    private static final byte[] STARTUP = startup();

    @TempDir Path dir = Path.of("");

    private static byte[] startup() {
        byte[] words = "user\0joe\0database\0app\0\0".getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + words.length)
                .putInt(8 + words.length)
                .putInt(196_608)
                .put(words)
                .array();
    }

    /** From the first byte to "ready for query". */
    private static void logIn(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(STARTUP);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (byte tag = in.readByte(); tag != 'Z'; tag = in.readByte()) {
                byte[] body = in.readNBytes(in.readInt() - 4);
                if (tag == 'E') {
                    throw new IOException(new String(body, StandardCharsets.UTF_8));
                }
            }
        }
    }

    @Test
    void noLoginFailsAndNoSessionIsLost() throws Exception {
        try (RealPostgres server = RealPostgres.create("handover").bootstrap()) {
            PoolerProcess.Place place =
                    new PoolerProcess.Place(dir, server, FreePorts.next())
                            .write("log_connections = 0\nlog_disconnections = 0");
            try (PoolerProcess first = PoolerProcess.up(place);
                    Storm storm = new Storm()) {
                for (int i = 0; i < CLIENTS; i++) {
                    storm.add(i, () -> logIn(place.port()));
                }
                storm.awaitMore(500);
                succeed(place, first, storm);
            }
        }
    }

    private static void succeed(PoolerProcess.Place place, PoolerProcess first, Storm storm)
            throws Exception {
        PoolerProcess second;
        try (Connection old = place.connect()) {
            long began = System.nanoTime();
            int before = storm.served();
            second = PoolerProcess.start(place, "-R");
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () ->
                                    assertThat(place.pidFile())
                                            .hasContent(Long.toString(second.pid())));
            storm.awaitMore(500);
            System.out.printf(
                    "logins while the listeners were handed over: %d in %.1f s%n",
                    storm.served() - before, (System.nanoTime() - began) / 1e9);
            assertThat(PoolerProcess.ask(old, "SELECT 1")).isEqualTo("1");
            assertThat(first.isAlive()).isTrue();
        }
        try (second) {
            assertThat(first.end()).isZero();
            storm.awaitMore(100);
            storm.end();
            assertThat(storm.failures()).isEmpty();
            assertThat(place.pidFile()).hasContent(Long.toString(second.pid()));
            assertThat(place.psql("pgbouncer", "pgbouncer", "SHOW VERSION"))
                    .startsWith("PgBouncer");

            second.signal(Signal.TERM);
            assertThat(second.end()).isZero();
            assertThat(place.socket()).doesNotExist();
            assertThat(place.pidFile()).doesNotExist();
        }
    }
}
