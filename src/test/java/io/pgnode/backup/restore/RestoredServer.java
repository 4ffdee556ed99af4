package io.pgnode.backup.restore;

import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server in a restored directory, on a port of its own. */
final class RestoredServer implements AutoCloseable {
    private final Path data;
    private final Path log;
    private final int port = RealPostgres.freePort();
    private final Process process;

    /** Archives nothing. */
    RestoredServer(Path data) throws Exception {
        this(data, null);
    }

    /**
     * @param archiveCommand null to archive nothing
     */
    RestoredServer(Path data, @Nullable String archiveCommand) throws Exception {
        this.data = data;
        this.log = data.resolveSibling("server.log");
        this.process =
                new ProcessBuilder(
                                RealPostgres.binDir().resolve("postgres").toString(),
                                "-D",
                                data.toString(),
                                "-p",
                                Integer.toString(port),
                                "-c",
                                "unix_socket_directories=" + data.getParent(),
                                "-c",
                                "listen_addresses=127.0.0.1",
                                "-c",
                                "archive_mode=" + (archiveCommand == null ? "off" : "on"),
                                "-c",
                                "archive_command=" + (archiveCommand == null ? "" : archiveCommand),
                                "-c",
                                "logging_collector=off",
                                "-c",
                                "fsync=off")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
    }

    /** Until it has reached its target, or has replayed everything and is a primary. */
    RestoredServer recovered() throws Exception {
        return until(
                "SELECT NOT pg_is_in_recovery() OR pg_get_wal_replay_pause_state() = 'paused'");
    }

    RestoredServer primary() throws Exception {
        return until("SELECT NOT pg_is_in_recovery()");
    }

    private RestoredServer until(String condition) throws Exception {
        for (int i = 0; i < 600; i++) {
            try {
                if (first(condition).equals("t")) {
                    return this;
                }
            } catch (SQLException e) {
                if (!process.isAlive()) {
                    break;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not recovered: " + Files.readString(log));
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + port
                        + "/postgres?sslmode=disable&connectTimeout=5&socketTimeout=20",
                RealPostgres.SUPERUSER.user(),
                RealPostgres.SUPERUSER.password());
    }

    String first(String sql) throws SQLException {
        List<String> all = all(sql);
        return all.isEmpty() ? "" : all.getFirst();
    }

    List<String> all(String sql) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    void run(String sql) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Every heap and index of every database is sound. */
    void amcheck() throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        RealPostgres.binDir().resolve("pg_amcheck").toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-U",
                        RealPostgres.SUPERUSER.user(),
                        "-d",
                        "postgres",
                        "--heapallindexed");
        builder.environment().put("PGPASSWORD", RealPostgres.SUPERUSER.password());
        Process check = builder.redirectErrorStream(true).start();
        String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (check.waitFor() != 0) {
            throw new AssertionError("pg_amcheck: " + output);
        }
    }

    /** Stops it cleanly, and checks the checksums of all pages. */
    void stopAndCheck() throws Exception {
        stop("-INT");
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("did not stop: " + Files.readString(log));
        }
        RestoreLab.run("pg_checksums", null, "--check", "-D", data.toString());
    }

    private void stop(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }

    String log() throws Exception {
        return Files.readString(log);
    }

    @Override
    public void close() throws IOException {
        try {
            if (process.isAlive()) {
                stop("-QUIT");
                process.waitFor(10, TimeUnit.SECONDS);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
