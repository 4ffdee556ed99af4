package io.pgnode.testing;

import io.pgnode.model.HostPort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd server on free ports of the loopback interface, with its data in a temporary
 * directory. It keeps its ports and data across {@link #kill} and {@link #restart}; {@link #close}
 * removes everything.
 */
public final class RealEtcd implements AutoCloseable {
    private static final long START_SECONDS = 20;

    private final Path directory;
    private final String name;
    private final HostPort client;
    private final HostPort peer;
    private String cluster;
    private final String scheme;
    private final List<String> options;
    private @Nullable Process process;

    private RealEtcd(String name, String scheme, List<String> options) {
        this.scheme = scheme;
        this.name = name;
        this.options = List.copyOf(options);
        try {
            this.directory = Files.createTempDirectory("etcd-test-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.client = new HostPort("127.0.0.1", freePort());
        this.peer = new HostPort("127.0.0.1", freePort());
        this.cluster = name + "=http://" + peer;
    }

    /** Whether the machine has etcd at all. */
    public static boolean isInstalled() {
        return executable() != null;
    }

    /** One server that is ready to answer. */
    public static RealEtcd start(String... options) {
        RealEtcd etcd = new RealEtcd("one", "http", List.of(options));
        etcd.launch();
        etcd.awaitReady();
        return etcd;
    }

    /** One server that speaks TLS, with the options that say how; ready to take connections. */
    public static RealEtcd startTls(String... options) {
        RealEtcd etcd = new RealEtcd("tls", "https", List.of(options));
        etcd.launch();
        etcd.awaitReady();
        return etcd;
    }

    /** Servers that form one cluster, ready to answer. Close each of them. */
    public static List<RealEtcd> startCluster(int size) {
        List<RealEtcd> servers = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            servers.add(new RealEtcd("e" + i, "http", List.of()));
        }
        String cluster = String.join(",", servers.stream().map(server -> server.cluster).toList());
        servers.forEach(server -> server.cluster = cluster);
        servers.forEach(RealEtcd::launch);
        servers.forEach(RealEtcd::awaitReady);
        return servers;
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where clients connect. */
    public HostPort endpoint() {
        return client;
    }

    /** SIGSTOP: connections stay open, nothing answers. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    /** SIGKILL. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            await(running);
        }
        process = null;
    }

    /** Starts it again after {@link #kill}, on the same ports and data; waits until it is ready. */
    public void restart() {
        kill();
        launch();
        awaitReady();
    }

    /**
     * Runs {@code etcdctl} of the same installation against this server, and returns its output.
     */
    public String etcdctl(String... arguments) {
        return etcdctl(client, arguments);
    }

    /** Runs {@code etcdctl} against any server. */
    public static String etcdctl(HostPort endpoint, String... arguments) {
        return etcdctlWithInput(endpoint, "", arguments);
    }

    public static String etcdctlWithInput(HostPort endpoint, String input, String... arguments) {
        try {
            Process started = etcdctlProcess(endpoint, arguments);
            try (OutputStream in = started.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output =
                    new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            await(started);
            if (started.exitValue() != 0) {
                throw new IllegalStateException(
                        "etcdctl "
                                + List.of(arguments)
                                + " exited with "
                                + started.exitValue()
                                + ": "
                                + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first lines of a command that does not end by itself. */
    public static List<String> etcdctlLines(HostPort endpoint, int count, String... arguments) {
        try {
            Process started = etcdctlProcess(endpoint, arguments);
            try (BufferedReader out = started.inputReader(StandardCharsets.UTF_8)) {
                return out.lines().limit(count).toList();
            } finally {
                await(started.destroyForcibly());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process etcdctlProcess(HostPort endpoint, String... arguments)
            throws IOException {
        List<String> command =
                new ArrayList<>(List.of("etcdctl", "--endpoints", endpoint.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("ETCDCTL_API", "3");
        return builder.start();
    }

    @Override
    public void close() {
        resume();
        kill();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(
                            file -> {
                                var _ = file.toFile().delete();
                            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable Path executable() {
        for (String directory : System.getenv().getOrDefault("PATH", "/usr/bin").split(":", -1)) {
            Path file = Path.of(directory, "etcd");
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        return null;
    }

    private void launch() {
        Path executable = executable();
        if (executable == null) {
            throw new IllegalStateException("etcd is not on the PATH");
        }
        String clientUrl = scheme + "://" + client;
        String peerUrl = "http://" + peer;
        List<String> command =
                new ArrayList<>(
                        List.of(
                                executable.toString(),
                                "--name=" + name,
                                "--data-dir=" + directory.resolve("data"),
                                "--initial-cluster=" + cluster,
                                "--initial-advertise-peer-urls=" + peerUrl,
                                "--listen-peer-urls=" + peerUrl,
                                "--advertise-client-urls=" + clientUrl,
                                "--listen-client-urls=" + clientUrl));
        command.addAll(options);
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(
                                            directory.resolve("log").toFile()))
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its health check needs a leader, which is what clients need. */
    private void awaitReady() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!isHealthy()) {
            Process running = process;
            if (running == null || !running.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("etcd did not start: " + log());
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean isHealthy() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(client.host(), client.port()), 1000);
            socket.setSoTimeout(1000);
            if (scheme.equals("https")) {
                return log().contains("ready to serve client requests");
            }
            socket.getOutputStream()
                    .write(
                            "GET /health HTTP/1.0\r\nHost: etcd\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .contains("\"health\":\"true\"");
        } catch (IOException e) {
            return false;
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    private void signal(String signal) {
        Process running = process;
        if (running == null) {
            return;
        }
        try {
            await(
                    new ProcessBuilder("kill", "-" + signal, Long.toString(running.pid()))
                            .inheritIO()
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(Process process) {
        try {
            if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("did not end: " + process.info());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
