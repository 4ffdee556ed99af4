package io.pgnode.cli;

import static org.awaitility.Awaitility.await;

import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import io.pgnode.testing.JdbcAddress;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code pgnode pooler} in a process of its own, with the files of a {@link Place}. */
final class PoolerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Where a pooler and its successors live: database {@code app}, whom everybody may use. */
    record Place(Path dir, RealPostgres server, int port) {
        Path ini() {
            return dir.resolve("pgbouncer.ini");
        }

        Path log() {
            return dir.resolve("pooler.log");
        }

        Path pidFile() {
            return dir.resolve("pooler.pid");
        }

        Path socket() {
            return dir.resolve(".s.PGSQL." + port);
        }

        /**
         * @param more lines of {@code [pgbouncer]}
         */
        Place write(String more) throws IOException {
            Files.writeString(
                    ini(),
                    """
                    [databases]
                    app = host=127.0.0.1 port=%d dbname=postgres user=%s password='%s' pool_size=1
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir = %s
                    auth_type = any
                    pool_mode = transaction
                    logfile = %s
                    pidfile = %s
                    %s
                    """
                            .formatted(
                                    server.settings().port(),
                                    RealPostgres.SUPERUSER.user(),
                                    RealPostgres.SUPERUSER.password().replace("'", "''"),
                                    port,
                                    dir,
                                    log(),
                                    pidFile(),
                                    more));
            return this;
        }

        Connection connect() throws SQLException {
            return new JdbcAddress("127.0.0.1", port, 10, 60).connect("app", "joe", "");
        }

        /** What psql says to a command over the unix socket. */
        String psql(String database, String user, String sql)
                throws IOException, InterruptedException {
            Process psql =
                    new ProcessBuilder(
                                    server.settings().binDir().resolve("psql").toString(),
                                    "-XAt",
                                    "-h",
                                    dir.toString(),
                                    "-p",
                                    Integer.toString(port),
                                    "-U",
                                    user,
                                    "-d",
                                    database,
                                    "-c",
                                    sql)
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .strip();
            psql.waitFor(10, TimeUnit.SECONDS);
            return said;
        }
    }

    private final Process process;

    private PoolerProcess(Process process) {
        this.process = process;
    }

    /** The program that the test's processes run. */
    public static void main(String... args) {
        System.exit(PgnodeCommandLine.create(new PgnodeCommand()).execute(args));
    }

    /**
     * @param options of the command
     */
    static PoolerProcess start(Place place, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("pooler"));
        arguments.addAll(List.of(options));
        arguments.add(place.ini().toString());
        return new PoolerProcess(program(place.dir().resolve("output"), arguments));
    }

    /** This program, in a process of its own. */
    static Process program(Path output, List<String> arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx128m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                PoolerProcess.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** Started, and answering. */
    static PoolerProcess up(Place place) throws IOException {
        PoolerProcess pooler = start(place);
        await().atMost(PATIENCE)
                .until(
                        () -> {
                            try (Connection client = place.connect()) {
                                return ask(client, "SELECT 1").equals("1");
                            } catch (SQLException e) {
                                return false;
                            }
                        });
        return pooler;
    }

    static String ask(Connection client, String sql) throws SQLException {
        try (Statement statement = client.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void signal(Signal signal) throws IOException {
        Signals.send(process.pid(), signal);
    }

    /** The exit code. */
    int end() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the pooler does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
