package io.pgnode.bench;

import com.sun.net.httpserver.HttpServer;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.LaterPackage;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Runner;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL with pgbench's tables, and in front of it PgBouncer, HAProxy alone and before
 * PgBouncer, our pooler and our gateway; all from the same settings, all at once.
 */
final class GatewayRig implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);

    /** The name of our build that is compiled while it runs. */
    static final String JVM = "JVM";

    private static final String PREPARED = "max_prepared_statements = 200";

    /** Native or JVM. */
    static String nameOf(Path runner) {
        return Runner.isNative(runner) ? "native" : JVM;
    }

    /**
     * A way to the server.
     *
     * @param processes that stand in between
     */
    record Way(String name, int port, List<Long> processes) {}

    private final Path root = Files.createTempDirectory("pgnode-gateway-bench-");
    private final List<Process> processes = new ArrayList<>();
    private final int serverPort = FreePorts.next();

    /** What the gateway believes to be its member's REST API. */
    private @Nullable HttpServer checked;

    GatewayRig() throws IOException {}

    Way startServer() throws IOException, InterruptedException {
        Path bin = binDir();
        Path data = root.resolve("data");
        run(
                List.of(
                        bin.resolve("initdb").toString(),
                        "-D",
                        data.toString(),
                        "-A",
                        "trust",
                        "--no-sync"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "port = %d\nunix_socket_directories = '%s'\nlisten_addresses = '127.0.0.1'\nmax_connections = 500\nfsync = off\nshared_buffers = 256MB\n"
                        .formatted(serverPort, root));
        start("postgres", List.of(bin.resolve("postgres").toString(), "-D", data.toString()));
        await(serverPort);
        run(
                List.of(
                        "pgbench",
                        "-h",
                        root.toString(),
                        "-p",
                        Integer.toString(serverPort),
                        "-U",
                        "postgres",
                        "-i",
                        "-s",
                        "10",
                        "-q",
                        "postgres"));
        BulkReads.prepare(serverPort);
        return new Way("PostgreSQL", serverPort, List.of());
    }

    private static Path binDir() throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
        }
    }

    private Path ini(String name, int port, String mode, String more) throws IOException {
        Files.writeString(root.resolve("userlist.txt"), "\"postgres\" \"\"\n");
        return Files.writeString(
                root.resolve(name + ".ini"),
                """
                [databases]
                postgres = host=%s port=%d dbname=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = trust
                auth_file = %s
                pool_mode = %s
                default_pool_size = %d
                max_client_conn = 25000
                ignore_startup_parameters = extra_float_digits
                log_connections = 0
                log_disconnections = 0
                %s
                """
                        .formatted(
                                root,
                                serverPort,
                                port,
                                root.resolve("userlist.txt"),
                                mode,
                                mode.equals("session") ? 100 : 20,
                                more));
    }

    /**
     * @param mode session for prepared statements, which this release has in no other
     */
    Way startPgbouncer(String mode) throws IOException, InterruptedException {
        return startPgbouncer(List.of("/usr/sbin/pgbouncer"), mode, "");
    }

    /** The one of a later release in transaction mode, with prepared statements. */
    Way startLaterPgbouncer(List<String> program) throws IOException, InterruptedException {
        return startPgbouncer(program, "transaction", PREPARED);
    }

    private Way startPgbouncer(List<String> program, String mode, String more)
            throws IOException, InterruptedException {
        int port = FreePorts.next();
        List<String> command = new ArrayList<>(program);
        command.add("-q");
        command.add(ini("pgbouncer-" + port, port, mode, more).toString());
        long pid = start("pgbouncer-" + port, command);
        await(port);
        return new Way("PgBouncer", port, List.of(pid));
    }

    /** PgBouncer of a later Debian, where packaging/bin/need could unpack it. */
    static Optional<List<String>> laterPgbouncer() {
        String program = "usr/sbin/pgbouncer";
        return LaterPackage.find("pgbouncer", program)
                .map(
                        later -> {
                            Path libraries = later.file("usr/lib/x86_64-linux-gnu");
                            return List.of(
                                    libraries.resolve("ld-linux-x86-64.so.2").toString(),
                                    "--library-path",
                                    libraries.toString(),
                                    later.file(program).toString());
                        });
    }

    Way startHaproxy(String name, Way behind) throws IOException, InterruptedException {
        int port = FreePorts.next();
        Path config =
                Files.writeString(
                        root.resolve("haproxy-" + port + ".cfg"),
                        """
                        global
                            maxconn 4000
                        defaults
                            mode tcp
                            timeout connect 3s
                            timeout client 24h
                            timeout server 24h
                        listen primary
                            bind 127.0.0.1:%d
                            maxconn 2000
                            server one 127.0.0.1:%d maxconn 2000
                        """
                                .formatted(port, behind.port()));
        long pid = start("haproxy-" + port, List.of("/usr/sbin/haproxy", "-f", config.toString()));
        await(port);
        List<Long> both = new ArrayList<>(behind.processes());
        both.add(pid);
        return new Way(name, port, both);
    }

    Way startOurs(Path runner, String mode) throws IOException, InterruptedException {
        int port = FreePorts.next();
        Path ini = ini("pgnode-" + port, port, mode, PREPARED);
        return startOurs(runner, port, List.of("pooler", ini.toString()));
    }

    /** A gateway with one service in mode tcp, and this server as its only member. */
    Way startGateway(Path runner) throws IOException, InterruptedException {
        if (checked == null) {
            checked =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            checked.createContext(
                    "/",
                    exchange -> {
                        exchange.sendResponseHeaders(200, -1);
                        exchange.close();
                    });
            checked.start();
        }
        int port = FreePorts.next();
        Path config =
                Files.writeString(
                        root.resolve("gateway-" + port + ".yml"),
                        """
                        cluster: bench
                        seq: 9
                        address: 127.0.0.1
                        pooler: { enabled: false }
                        services:
                          primary: { mode: tcp, bind: ["127.0.0.1:%d"] }
                          replica: { enabled: false }
                          default: { enabled: false }
                          offline: { enabled: false }
                        gateway:
                          loops: 1
                          stats: { listen: 127.0.0.1, port: %d }
                          members:
                            bench-1: { postgresql: "127.0.0.1:%d", rest: "127.0.0.1:%d" }
                        """
                                .formatted(
                                        port,
                                        FreePorts.next(),
                                        serverPort,
                                        checked.getAddress().getPort()));
        return startOurs(runner, port, List.of("gateway", "-c", config.toString()));
    }

    private Way startOurs(Path runner, int port, List<String> arguments)
            throws IOException, InterruptedException {
        Runner.use(runner);
        List<String> command = new ArrayList<>(Runner.command());
        if (!Runner.isNative(runner)) {
            // What it would run with; the first tier of the compiler alone is for short commands.
            command.remove("-XX:TieredStopAtLevel=1");
        }
        command.addAll(arguments);
        long pid = start("pgnode-" + port, command);
        await(port);
        return new Way(nameOf(runner), port, List.of(pid));
    }

    private long start(String name, List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(DescriptorLimit.raised(command))
                        .redirectErrorStream(true)
                        .redirectOutput(root.resolve(name + ".log").toFile())
                        .start();
        processes.add(process);
        return process.pid();
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException(command + " failed");
        }
    }

    private void await(int port) {
        Waiting.until(
                START,
                () -> "somebody listens on port " + port + "\n" + logs(),
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
                                500);
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    /** What all programs said so far, for the one that did not start. */
    private String logs() {
        try (Stream<Path> files = Files.list(root)) {
            var text = new StringBuilder();
            for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
                text.append("--- ").append(file.getFileName()).append('\n');
                text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
            return text.toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes.reversed()) {
            process.destroyForcibly();
        }
        if (checked != null) {
            checked.stop(0);
        }
        OsProcess.killAllTouching(root);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
