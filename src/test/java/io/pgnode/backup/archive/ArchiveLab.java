package io.pgnode.backup.archive;

import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real server whose {@code archive_command} is our entry in a JVM of its own, a stanza that real
 * pgBackRest made, and the archiver, when a test wants it, in the test's process. Segments have 1
 * MiB, so that a little load makes many.
 */
final class ArchiveLab implements AutoCloseable {
    final Path root;
    final Path run;
    final Path data;
    final PgBackRest.Configured stock;
    private final List<Server> servers = new ArrayList<>();
    private final List<Process> residents = new ArrayList<>();
    private @Nullable Archiver archiver;
    final Server primary;

    ArchiveLab(PgBackRest tool, Map<String, String> options, String... lines) throws IOException {
        this.root = Files.createTempDirectory("pgnode-archive-");
        this.run = Files.createDirectory(root.resolve("run"));
        this.data = root.resolve("data");
        int port = RealPostgres.freePort();
        this.stock =
                tool.with(
                        root,
                        options,
                        Map.of(
                                "pg1-path", data.toString(),
                                "pg1-socket-path", run.toString(),
                                "pg1-port", Integer.toString(port),
                                "pg1-user", "postgres"));
        configure("", lines);
        ArchiveEntry.script(root.resolve("entry.sh"));
        this.primary = new Server(data, port);
        servers.add(primary);
        execute(
                0,
                pg("initdb"),
                "-D",
                data.toString(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "--wal-segsize=1",
                "-k",
                "--no-sync",
                "--no-instructions");
        Files.writeString(
                data.resolve("postgresql.conf"),
                """
                archive_mode = on
                archive_command = '%s'
                wal_keep_size = 2GB
                max_wal_size = 2GB
                wal_level = replica
                fsync = off
                shared_buffers = 32MB
                autovacuum = off
                unix_socket_directories = '%s'
                listen_addresses = '127.0.0.1'
                hot_standby = on
                restart_after_crash = off
                """
                        .formatted(command("archive-push") + " %p", run),
                StandardCharsets.UTF_8,
                java.nio.file.StandardOpenOption.APPEND);
        primary.start();
        stock.must("stanza-create");
    }

    /** Writes the file that the entry reads. */
    void configure(String marker, String... lines) throws IOException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "# " + marker,
                                "run-dir: " + run,
                                "data-dir: " + data,
                                "repo1: " + root.resolve("repo"),
                                "lock: " + root.resolve("lock")));
        all.addAll(List.of(lines));
        Files.write(conf(), all);
    }

    Path conf() {
        return root.resolve("pgnode.yml");
    }

    /** Our entry, for a shell. */
    String command(String what) {
        return root.resolve("entry.sh") + " " + what + " -c " + conf();
    }

    /** Our entry, run here; in the server's data directory, as PostgreSQL does. */
    Result entry(Path dataDir, String... arguments) {
        List<String> line = new ArrayList<>(List.of(root.resolve("entry.sh").toString()));
        line.add(arguments[0]);
        line.addAll(List.of("-c", conf().toString()));
        line.addAll(Arrays.asList(arguments).subList(1, arguments.length));
        return execute(dataDir, line);
    }

    /** An archiver as a process of its own. */
    Process startResident() throws IOException {
        Path socket = run.resolve(ArchiveSettings.SOCKET);
        Files.deleteIfExists(socket);
        Process process =
                new ProcessBuilder(
                                root.resolve("entry.sh").toString(), "resident", conf().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        root.resolve("resident.log").toFile()))
                        .start();
        residents.add(process);
        Waiting.until(
                Duration.ofSeconds(60),
                () -> "the archiver does not listen",
                () -> Files.exists(socket));
        return process;
    }

    Archiver startArchiver(ArchiveGuard guard) throws Exception {
        Archiver started = Archiver.start(ArchiveEntry.load(conf()), guard);
        archiver = started;
        return started;
    }

    void stopArchiver() {
        Archiver running = archiver;
        if (running != null) {
            running.close();
            archiver = null;
        }
    }

    /** Names in {@code archive/demo/15-1}, segments without hash and suffix. */
    List<String> archived() throws IOException {
        return names(root.resolve("repo/archive/demo"));
    }

    static List<String> names(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[0-9A-F]{8}([0-9A-F]{16}.*|\\.history.*)"))
                    .filter(name -> !name.endsWith(".tmp")) // of a process that was killed
                    .map(name -> name.replaceFirst("-[0-9a-f]{40}.*", ""))
                    .sorted()
                    .toList();
        }
    }

    static String pg(String tool) {
        return RealPostgres.binDir().resolve(tool).toString();
    }

    /** What a program said, in both streams. */
    record Result(int exit, String output) {}

    static Result execute(@Nullable Path directory, List<String> line) {
        try {
            Path log = Files.createTempFile("pgnode-archive", ".out");
            ProcessBuilder builder =
                    new ProcessBuilder(line)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            if (directory != null) {
                builder.directory(directory.toFile());
            }
            Process process = builder.start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(line + " does not end");
            }
            Result result = new Result(process.exitValue(), Files.readString(log).strip());
            Files.delete(log);
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static String execute(int exit, String... line) {
        Result result = execute(null, List.of(line));
        if (result.exit() != exit) {
            throw new AssertionError(List.of(line) + ": " + result);
        }
        return result.output();
    }

    /** Another data directory, with a port of its own. */
    Server server(String name) {
        Server server = new Server(root.resolve(name), RealPostgres.freePort());
        servers.add(server);
        return server;
    }

    /** A server. */
    final class Server {
        final Path data;
        final int port;

        Server(Path data, int port) {
            this.data = data;
            this.port = port;
        }

        /** A copy of another one, without WAL: it must come from the archive. */
        void copyOf(Server other) {
            execute(
                    0,
                    pg("pg_basebackup"),
                    "-h",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(other.port),
                    "-U",
                    "postgres",
                    "-D",
                    data.toString(),
                    "-X",
                    "none",
                    "-c",
                    "fast",
                    "--no-sync");
        }

        void set(String... lines) throws IOException {
            Files.write(
                    data.resolve("postgresql.conf"),
                    List.of(lines),
                    java.nio.file.StandardOpenOption.APPEND);
        }

        void start() throws IOException {
            if (tryStart() != 0) {
                throw new AssertionError(log());
            }
        }

        int tryStart() {
            return execute(
                            null,
                            List.of(
                                    pg("pg_ctl"),
                                    "-D",
                                    data.toString(),
                                    "-w",
                                    "-t",
                                    "60",
                                    "-o",
                                    "-p " + port,
                                    "-l",
                                    log0().toString(),
                                    "start"))
                    .exit();
        }

        private Path log0() {
            return root.resolve(data.getFileName() + ".log");
        }

        String log() throws IOException {
            return Files.readString(log0());
        }

        void stop(String mode) {
            if (Files.exists(data.resolve("postmaster.pid"))) {
                execute(
                        null,
                        List.of(pg("pg_ctl"), "-D", data.toString(), "-w", "-m", mode, "stop"));
            }
        }

        void pgbench(String... arguments) {
            List<String> line =
                    new ArrayList<>(
                            List.of(
                                    pg("pgbench"),
                                    "-h",
                                    "127.0.0.1",
                                    "-p",
                                    Integer.toString(port),
                                    "-U",
                                    "postgres"));
            line.addAll(List.of(arguments));
            line.add("postgres");
            Result result = execute(null, line);
            if (result.exit() != 0) {
                throw new AssertionError(result.output());
            }
        }

        String sql(String sql) throws SQLException {
            try (Connection connection =
                            DriverManager.getConnection(
                                    "jdbc:postgresql://127.0.0.1:"
                                            + port
                                            + "/postgres?sslmode=disable&user=postgres");
                    Statement statement = connection.createStatement()) {
                if (!statement.execute(sql)) {
                    return "";
                }
                try (ResultSet rows = statement.getResultSet()) {
                    return rows.next() ? String.valueOf(rows.getString(1)) : "";
                }
            }
        }

        /** The name of the segment that was ended. */
        String switchWal() throws SQLException {
            sql("CREATE TABLE IF NOT EXISTS switched (at timestamptz)");
            sql("INSERT INTO switched VALUES (now())");
            return sql("SELECT pg_walfile_name(pg_switch_wal())");
        }

        List<String> ready() throws IOException {
            try (Stream<Path> marks = Files.list(data.resolve("pg_wal/archive_status"))) {
                return marks.map(mark -> mark.getFileName().toString())
                        .filter(name -> name.endsWith(".ready"))
                        .sorted()
                        .toList();
            }
        }

        List<Path> segments() throws IOException {
            try (Stream<Path> files = Files.list(data.resolve("pg_wal"))) {
                return files.filter(file -> file.getFileName().toString().matches("[0-9A-F]{24}"))
                        .sorted()
                        .toList();
            }
        }
    }

    @Override
    public void close() throws IOException {
        stopArchiver();
        residents.forEach(Process::destroyForcibly);
        servers.forEach(server -> server.stop("immediate"));
        if (System.getenv("LAB_LOG") != null) {
            System.err.println(primary.log());
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
