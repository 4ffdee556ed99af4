package io.pgnode.cli.demo;

import io.pgnode.os.Detached;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One process of the demo, in a session of its own: Ctrl-C reaches the demo alone, which stops its
 * processes in order.
 */
public final class DemoProcess {
    private static final Duration GLANCE = Duration.ofMillis(20);
    private static final int TAIL_LINES = 15;

    private final String name;
    private final List<String> command;
    private final Path directory;
    private final Path log;
    private @Nullable ProcessIdentity process;

    /**
     * @param command program and arguments
     * @param directory where it runs
     * @param log takes its output
     */
    public DemoProcess(String name, List<String> command, Path directory, Path log) {
        this.name = name;
        this.command = List.copyOf(command);
        this.directory = directory;
        this.log = log;
    }

    public String name() {
        return name;
    }

    public void start() throws IOException {
        // Our configuration comes from files alone, and our home may be closed to this user.
        Map<String, String> environment = new HashMap<>();
        System.getenv().keySet().stream()
                .filter(key -> key.startsWith("PGNODE_") || key.startsWith("PG"))
                .forEach(key -> environment.put(key, ""));
        environment.put("HOME", directory.toString());
        List<String> line = new ArrayList<>(List.of("env", "-C", directory.toString()));
        line.addAll(command);
        process = Detached.start(line, environment, log);
    }

    public boolean isRunning() {
        ProcessIdentity known = process;
        return known != null && known.isAlive();
    }

    public void signal(Signal signal) throws IOException {
        ProcessIdentity known = process;
        if (known != null) {
            Signals.send(known, signal);
        }
    }

    /** False when it still runs after {@code limit}. */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (isRunning()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(GLANCE);
        }
        return true;
    }

    /** The last lines of its output; empty when there are none. */
    public String tail() {
        try {
            List<String> lines =
                    new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
            return lines.stream()
                    .skip(Math.max(0, lines.size() - TAIL_LINES))
                    .map(line -> "  " + line)
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "";
        }
    }
}
