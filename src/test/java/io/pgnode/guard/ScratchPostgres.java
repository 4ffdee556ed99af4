package io.pgnode.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.os.Command;
import io.pgnode.os.Detached;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessInfo;
import io.pgnode.os.ProcessTree;
import io.pgnode.os.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real PostgreSQL without TCP in a directory of its own; killed at the end. */
public final class ScratchPostgres implements AutoCloseable {
    private static final String BIN = findBin();

    private final Path directory;
    private ProcessIdentity postmaster;
    private boolean hasTables;

    /** Creates and starts it; takes a second or two. */
    public ScratchPostgres(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        assertThat(
                        Command.of(BIN + "/initdb", "-N", "-A", "trust", "-D", dataDir().toString())
                                .run()
                                .explain())
                .startsWith("exit code 0");
        postmaster = launch();
    }

    private static String findBin() {
        for (int version = 18; version >= 13; version--) {
            String bin = "/usr/lib/postgresql/" + version + "/bin";
            if (Files.isExecutable(Path.of(bin, "initdb"))) {
                return bin;
            }
        }
        throw new IllegalStateException("no PostgreSQL under /usr/lib/postgresql");
    }

    public Path dataDir() {
        return directory.resolve("data");
    }

    public ProcessIdentity postmaster() {
        return postmaster;
    }

    /** Starts it again if it does not run. */
    public void start() throws IOException {
        if (!postmaster.isAlive()) {
            postmaster = launch();
        }
    }

    private ProcessIdentity launch() throws IOException {
        Path log = directory.resolve("log");
        ProcessIdentity started =
                Detached.start(
                        List.of(
                                BIN + "/postgres",
                                "-D",
                                dataDir().toString(),
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "unix_socket_directories=" + directory,
                                "-c",
                                "shared_buffers=16MB",
                                "-c",
                                "fsync=off"),
                        Map.of(),
                        log);
        Path pidFile = dataDir().resolve("postmaster.pid");
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () ->
                                Files.exists(pidFile)
                                        && Files.readString(pidFile)
                                                .startsWith(started.pid() + "\n")
                                        && Files.readString(pidFile).contains("ready"));
        return started;
    }

    /** Clients that read and write all the time, new connections included. */
    public RunningCommand load(int clients) throws IOException, InterruptedException {
        if (!hasTables) {
            assertThat(pgbench("-i", "-q").run().explain()).startsWith("exit code 0");
            hasTables = true;
        }
        RunningCommand load = pgbench("-n", "-c", Integer.toString(clients), "-T", "60").start();
        await().until(() -> ProcessTree.descendants(postmaster.pid()).size() >= clients + 4);
        return load;
    }

    private Command pgbench(String... arguments) {
        return Command.of(
                        java.util.stream.Stream.concat(
                                        java.util.stream.Stream.of(
                                                BIN + "/pgbench", "-h", directory.toString()),
                                        java.util.stream.Stream.of(arguments))
                                .toList())
                .env("PGDATABASE", "postgres");
    }

    /** Every process whose working directory is the data directory, orphans included. */
    public List<ProcessInfo> processes() {
        return ProcessTree.all().stream()
                .filter(ProcessInfo::isRunning)
                .filter(
                        p ->
                                ProcessInfo.workingDirectory(p.pid())
                                        .filter(dataDir()::equals)
                                        .isPresent())
                .toList();
    }

    @Override
    public void close() {
        Fence.kill(postmaster, Duration.ZERO);
        for (ProcessInfo process : processes()) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
