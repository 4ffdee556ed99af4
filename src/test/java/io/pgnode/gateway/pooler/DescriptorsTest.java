package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnode.testing.FreePorts;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.Runner;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The built program with few file descriptors. */
class DescriptorsTest {
    private static final int DESCRIPTORS = 900;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** The pooler with few descriptors, and who crowds at it. */
    private static final class Crowd implements AutoCloseable {
        final int port = FreePorts.next();
        final Process pooler;
        final List<Socket> flood = new ArrayList<>();

        Crowd(RealPostgres postgres) throws IOException {
            pooler = start(postgres, port);
        }

        void awaitRoom(String what) {
            Waiting.until(LIMIT, () -> what, () -> isOpen(port));
        }

        Socket come() throws IOException {
            Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
            flood.add(socket);
            return socket;
        }

        void come(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                var _ = come();
            }
        }

        void leave() throws IOException {
            for (Socket socket : flood) {
                socket.close();
            }
        }

        @Override
        public void close() throws IOException {
            pooler.destroyForcibly();
            leave();
        }
    }

    /** A quarter of the descriptors, and some, are kept from clients. */
    @Test
    void whoComesTooManyIsRefusedAndWhoIsInGoesOn() throws Exception {
        assumeTrue(Runner.isBuilt(), "nothing is built");
        try (RealPostgres postgres = RealPostgres.create("descriptors").bootstrap();
                Crowd crowd = new Crowd(postgres)) {
            crowd.awaitRoom("the pooler starts");
            try (Connection inside = connect(crowd.port, "postgres");
                    Connection busy = connect(crowd.port, "postgres")) {
                busy.setAutoCommit(false);
                String server = value(busy, "SELECT pg_backend_pid()");
                String refusal = logInUntilRefused(crowd);
                assertThat(refusal).contains("53300", "max_client_conn");
                assertThat(crowd.flood.size()).isGreaterThan(200);
                assertThat(value(inside, "SELECT 1")).isEqualTo("1");
                try (Connection console = connect(crowd.port, "pgbouncer")) {
                    assertThat(value(console, "SHOW VERSION")).contains("PgBouncer");
                }

                // And now those who do not even log in.
                crowd.come(DESCRIPTORS);
                goesOn(inside);
                assertThat(value(busy, "SELECT pg_backend_pid()")).isEqualTo(server);
                busy.commit();
                assertThat(console(postgres.root(), crowd.port)).contains("PgBouncer");
            }
            crowd.leave();
            crowd.awaitRoom("there is room again");
        }
    }

    private static void goesOn(Connection client) throws SQLException {
        for (int i = 0; i < 20; i++) {
            assertThat(value(client, "SELECT " + i)).isEqualTo("" + i);
        }
    }

    /** What the limits on clients are to prevent happens all the same, to the whole machine say. */
    @Test
    void whoIsInGoesOnWhenTheKernelGivesNoMore() throws Exception {
        assumeTrue(Runner.isBuilt(), "nothing is built");
        try (RealPostgres postgres = RealPostgres.create("descriptors").bootstrap();
                Crowd crowd = new Crowd(postgres)) {
            crowd.awaitRoom("the pooler starts");
            try (Connection inside = connect(crowd.port, "postgres")) {
                assertThat(value(inside, "SELECT 1")).isEqualTo("1");
                limit(crowd.pooler, openFiles(crowd.pooler) + 5);
                crowd.come(50);
                Path log = postgres.root().resolve("pooler.log");
                Waiting.until(
                        LIMIT,
                        () -> "no descriptor is left",
                        () -> read(log).contains("cannot accept a connection"));

                goesOn(inside);
                limit(crowd.pooler, DESCRIPTORS);
                crowd.awaitRoom("there is room again");
                assertThat(value(inside, "SELECT 2")).isEqualTo("2");
            }
        }
    }

    private static int openFiles(Process process) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return (int) files.count();
        }
    }

    private static void limit(Process process, int files) throws IOException, InterruptedException {
        var _ =
                Programs.run(
                        Map.of(),
                        "",
                        List.of(
                                "prlimit",
                                "--pid=" + process.pid(),
                                "--nofile=" + files + ":" + DESCRIPTORS));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String console(Path dir, int port) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(Programs.environment(port, "disable"));
        environment.put("PGHOST", dir.toString());
        environment.put("PGDATABASE", "pgbouncer");
        return Programs.run(
                environment,
                "",
                List.of(Programs.postgres("psql").toString(), "-XAtc", "SHOW VERSION"));
    }

    private static Process start(RealPostgres postgres, int port) throws IOException {
        Path ini =
                Files.writeString(
                        postgres.root().resolve("pooler.ini"),
                        """
                        [databases]
                        postgres = host=%s port=%d user=postgres password='%s' pool_size=3
                        [pgbouncer]
                        listen_addr = 127.0.0.1
                        listen_port = %d
                        unix_socket_dir = %s
                        auth_type = any
                        pool_mode = transaction
                        max_client_conn = 100000
                        tcp_defer_accept = 0
                        log_connections = 0
                        log_disconnections = 0
                        log_pooler_errors = 0
                        """
                                .formatted(
                                        postgres.root(),
                                        postgres.settings().port(),
                                        RealPostgres.SUPERUSER.password().replace("'", "''"),
                                        port,
                                        postgres.root()));
        List<String> command = new ArrayList<>();
        command.add("prlimit");
        command.add("--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS);
        command.addAll(Runner.command());
        command.add("pooler");
        command.add(ini.toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(postgres.root().resolve("pooler.log").toFile())
                .start();
    }

    private static boolean isOpen(int port) {
        try (WireClient client = WireClient.login(port)) {
            return client.query("SELECT 1").value().equals("1");
        } catch (IOException e) {
            return false;
        }
    }

    private static Connection connect(int port, String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + port
                        + "/"
                        + database
                        + "?sslmode=disable&connectTimeout=20&socketTimeout=20",
                "somebody",
                "");
    }

    private static String logInUntilRefused(Crowd crowd) throws IOException {
        byte[] startup = Wire.startup("user", "somebody", "database", "postgres");
        byte[] answer = new byte[4096];
        for (int i = 0; i < 2 * DESCRIPTORS; i++) {
            Socket socket = crowd.come();
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(startup);
            int length = socket.getInputStream().read(answer);
            String text =
                    new String(
                            answer,
                            0,
                            Math.max(0, length),
                            java.nio.charset.StandardCharsets.ISO_8859_1);
            if (!text.startsWith("R")) {
                return text;
            }
        }
        return "nobody was refused";
    }
}
