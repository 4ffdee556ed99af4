package io.pgnode.testing;

import java.io.IOException;
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
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A restored data directory, judged by PostgreSQL's own tools, and a server in it that archives
 * nothing. Closing kills the server; the directory stays.
 */
public final class RestoredCluster implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path binDir;
    private final Path data;
    private final Path log;
    private final int port = RealPostgres.freePort();
    private final Process process;

    private RestoredCluster(Path binDir, Path data) throws IOException {
        this.binDir = binDir;
        this.data = data;
        this.log = data.resolveSibling(data.getFileName() + ".log");
        this.process =
                new ProcessBuilder(
                                binDir.resolve("postgres").toString(),
                                "-D",
                                data.toString(),
                                "-p",
                                Integer.toString(port),
                                "-c",
                                "unix_socket_directories=" + data.getParent(),
                                "-c",
                                "listen_addresses=127.0.0.1",
                                "-c",
                                "archive_mode=off",
                                "-c",
                                "cluster_name=restored",
                                "-c",
                                "logging_collector=off",
                                "-c",
                                "fsync=off")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
    }

    /** Starts a server, and waits until recovery has ended and it is a primary. */
    public static RestoredCluster primary(Path binDir, Path data) throws IOException {
        RestoredCluster cluster = new RestoredCluster(binDir, data);
        try {
            Waiting.until(LIMIT, cluster::log, cluster::isPrimary);
        } catch (Throwable e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private boolean isPrimary() {
        if (!process.isAlive()) {
            throw new AssertionError("the restored server does not run: " + log());
        }
        try {
            return text("SELECT pg_is_in_recovery()").equals("f");
        } catch (SQLException e) {
            return false; // starts
        }
    }

    private String log() {
        try {
            return Files.readString(log, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The statement's first value. */
    public String text(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:"
                                        + port
                                        + "/postgres?sslmode=disable&connectTimeout=5&socketTimeout=60",
                                RealPostgres.SUPERUSER.user(),
                                RealPostgres.SUPERUSER.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
    }

    /** Every heap and index of every database is sound; before PostgreSQL 14 nobody can say. */
    public void amcheck() throws IOException, InterruptedException {
        if (!Files.exists(binDir.resolve("pg_amcheck"))) {
            return;
        }
        must(
                binDir,
                "pg_amcheck",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-U",
                RealPostgres.SUPERUSER.user(),
                "--all",
                "--install-missing",
                "--heapallindexed");
    }

    /** Stops it cleanly. */
    public void stop() throws IOException, InterruptedException {
        must(binDir, "pg_ctl", "-D", data.toString(), "-w", "-m", "fast", "stop");
    }

    /** The checksums of all pages of a stopped cluster are right. */
    public static void checksums(Path binDir, Path data) throws IOException, InterruptedException {
        must(binDir, "pg_checksums", "--check", "-D", data.toString());
    }

    /** The files are those of the {@code backup_manifest}. */
    public static void verifyBackup(Path binDir, Path data)
            throws IOException, InterruptedException {
        must(binDir, "pg_verifybackup", "-n", data.toString());
    }

    /** Runs a program of PostgreSQL's, as the superuser, that must succeed; returns its output. */
    public static String must(Path binDir, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(binDir.resolve(program).toString());
        line.addAll(List.of(arguments));
        Path out = Files.createTempFile("pgnode-", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().put("PGPASSWORD", RealPostgres.SUPERUSER.password());
            Process process =
                    builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
            process.getOutputStream().close();
            boolean hasEnded = process.waitFor(120, TimeUnit.SECONDS);
            if (!hasEnded) {
                process.destroyForcibly();
            }
            String said = Files.readString(out, StandardCharsets.ISO_8859_1);
            if (!hasEnded || process.exitValue() != 0) {
                throw new AssertionError(line + (hasEnded ? " failed: " : " hangs: ") + said);
            }
            return said;
        } finally {
            Files.delete(out);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
