package io.pgnode.bench;

import io.pgnode.testing.EtcdProcess;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.Place;
import io.pgnode.testing.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL with pgbench's tables and one of random text, whose WAL goes to whom a file says.
 * All repositories are in memory where there is enough, so that no disk is measured.
 */
final class BackupRig implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final String MEMBER = BackupTool.STANZA + "-1";
    private static final Path MEMORY = Path.of("/dev/shm");

    final Path root = Files.createTempDirectory("pgnode-backup-bench-");
    final Path repositories;
    final int port = FreePorts.next();
    private final EtcdProcess etcd = new EtcdProcess(root.resolve("etcd"), Place.LOOPBACK);
    private final Path bin = binDir();
    private final Path push = root.resolve("push");
    private final Path hold = root.resolve("hold");

    BackupRig() throws IOException {
        repositories =
                Files.createTempDirectory(
                        Files.isWritable(MEMORY) ? MEMORY : root, "pgnode-backup-bench-");
    }

    Path data() {
        return root.resolve("data");
    }

    /**
     * @param scale of pgbench, 15 MB each
     * @param texts rows of random text, 104 bytes each
     */
    void start(int scale, int texts) throws Exception {
        startStore();
        run(
                bin.resolve("initdb").toString(),
                "-D",
                data().toString(),
                "-A",
                "trust",
                "-U",
                "postgres",
                "--data-checksums",
                "--no-sync");
        archiveBy("true");
        Path archiver =
                Files.writeString(
                        root.resolve("pgbackrest-or-pgnode"),
                        """
                        #!/bin/sh
                        while [ -e %s ]; do sleep 0.02; done
                        . %s
                        """
                                .formatted(hold, push));
        Files.setPosixFilePermissions(archiver, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(
                data().resolve("postgresql.auto.conf"),
                """
                port = %d
                unix_socket_directories = '%s'
                listen_addresses = '127.0.0.1'
                shared_buffers = 512MB
                max_wal_size = 8GB
                checkpoint_timeout = 1h
                autovacuum = off
                fsync = off
                archive_mode = on
                archive_command = '%s %%p'
                wal_level = replica
                """
                        .formatted(port, root, archiver));
        startServer();
        run(
                "pgbench",
                "-h",
                root.toString(),
                "-p",
                "" + port,
                "-U",
                "postgres",
                "-i",
                "-q",
                "-s",
                "" + scale,
                "postgres");
        sql(
                "CREATE TABLE texts AS SELECT i, md5(random()::text) || md5(random()::text) AS text"
                        + " FROM generate_series(1, "
                        + texts
                        + ") i");
        sql("VACUUM (FREEZE)");
        sql("CHECKPOINT");
    }

    /** With the keys that an agent would write. */
    private void startStore() {
        etcd.start();
        String keys = "/service/" + BackupTool.STANZA + "/";
        etcd.put(keys + "leader", MEMBER);
        etcd.put(
                keys + "members/" + MEMBER,
                """
                {"conn_url":"postgres://127.0.0.1:%d/postgres","api_url":"http://127.0.0.1:8008/patroni",\
                "state":"running","role":"primary","xlog_location":100,"timeline":1}"""
                        .formatted(port));
        etcd.put(keys + "config", "{}");
    }

    /** Where our configuration's store is. */
    String store() {
        return etcd.endpoint();
    }

    void startServer() throws Exception {
        run(
                bin.resolve("pg_ctl").toString(),
                "-D",
                data().toString(),
                "-l",
                root.resolve("server.log").toString(),
                "-w",
                "start");
    }

    /** A line of the shell, to which the path of the segment is added. */
    void archiveBy(String command) throws IOException {
        Path next = root.resolve("push.next");
        Files.writeString(next, "exec " + command + " \"$1\"\n");
        Files.move(next, push, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Ends the wait that {@link #fillWal} began. */
    void letArchive() throws IOException {
        Files.deleteIfExists(hold);
    }

    /** Writes so many segments of WAL, which are not archived meanwhile. */
    List<String> fillWal(int segments) throws Exception {
        Files.writeString(hold, "");
        sql("CREATE TABLE IF NOT EXISTS filler (text text)");
        while (ready().size() < segments) {
            sql("INSERT INTO filler SELECT md5(random()::text) FROM generate_series(1, 100000)");
        }
        sql("SELECT pg_switch_wal()");
        return ready();
    }

    /** Segments that wait to be archived. */
    List<String> ready() throws IOException {
        try (Stream<Path> marks = Files.list(data().resolve("pg_wal/archive_status"))) {
            return marks.map(mark -> mark.getFileName().toString())
                    .filter(name -> name.endsWith(".ready"))
                    .map(name -> name.substring(0, name.length() - ".ready".length()))
                    .sorted()
                    .toList();
        }
    }

    void transactions(int count) throws Exception {
        run(
                "pgbench",
                "-h",
                root.toString(),
                "-p",
                "" + port,
                "-U",
                "postgres",
                "-n",
                "-t",
                "" + count,
                "postgres");
        sql("CHECKPOINT");
    }

    void sql(String statement) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
                var open = connection.createStatement()) {
            open.execute(statement);
        }
    }

    /** Files that look like relations of a database, each of one page. */
    void addFiles(int count) throws IOException {
        Path database;
        try (Stream<Path> databases = Files.list(data().resolve("base"))) {
            database = databases.max(Comparator.naturalOrder()).orElseThrow();
        }
        byte[] page = new byte[8192];
        for (int i = 0; i < count; i++) {
            Files.write(database.resolve(Integer.toString(900_000 + i)), page);
        }
    }

    /** What a command did. */
    record Run(double seconds, double peakMegabytes, String output) {}

    /** Runs a command of this machine, and fails with its output when it fails. */
    static Run run(String... words) throws IOException, InterruptedException {
        return run(List.of(words));
    }

    static Run run(List<String> words) throws IOException, InterruptedException {
        Path log = Files.createTempFile("pgnode-backup-bench-", ".log");
        try {
            long begin = System.nanoTime();
            Process process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            process.getOutputStream().close();
            Peak peak = new Peak(process);
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(words + " did not end");
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            String output = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new IllegalStateException(
                        words + " exited with " + process.exitValue() + ": " + output.strip());
            }
            return new Run(seconds, peak.megabytes(), output);
        } finally {
            Files.delete(log);
        }
    }

    /** The most memory that a process and its children have had, all together. */
    private static final class Peak {
        private static final long MILLIS = 50;
        private final Process process;
        private final Thread thread;
        private volatile long kilobytes;

        Peak(Process process) {
            this.process = process;
            thread = Thread.ofVirtual().start(this::watch);
        }

        private void watch() {
            try {
                while (process.isAlive()) {
                    long now =
                            Stream.concat(
                                            Stream.of(process.toHandle()),
                                            process.toHandle().descendants())
                                    .mapToLong(one -> residentKilobytes(one.pid()))
                                    .sum();
                    kilobytes = Math.max(kilobytes, now);
                    Thread.sleep(MILLIS);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private static long residentKilobytes(long pid) {
            try {
                return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
            } catch (IOException | UncheckedIOException _) {
                return 0; // it has ended
            }
        }

        double megabytes() throws InterruptedException {
            thread.join();
            return kilobytes / 1024.0;
        }
    }

    static Path binDir() throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
        }
    }

    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            files.forEach(all::add);
        }
        for (Path file : all.reversed()) {
            Files.delete(file);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            run(
                    bin.resolve("pg_ctl").toString(),
                    "-D",
                    data().toString(),
                    "-m",
                    "immediate",
                    "stop");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            etcd.signal(Signal.KILL);
            deleteTree(repositories);
            deleteTree(root);
        }
    }
}
