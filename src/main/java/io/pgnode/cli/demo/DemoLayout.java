package io.pgnode.cli.demo;

import io.pgnode.model.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Names, ports and files of a demo cluster.
 *
 * @param directory absolute; holds everything
 */
public record DemoLayout(Path directory, List<DemoNode> nodes) {
    private static final int DCS_PORT = 12379;

    public DemoLayout {
        nodes = List.copyOf(nodes);
    }

    public static DemoLayout of(Path directory, int nodes) {
        return new DemoLayout(
                directory,
                IntStream.rangeClosed(1, nodes)
                        .mapToObj(n -> new DemoNode(n, directory.resolve("node" + n)))
                        .toList());
    }

    public HostPort dcs() {
        return new HostPort(DemoNode.HOST, DCS_PORT);
    }

    public Path dcsDirectory() {
        return directory.resolve("dcs");
    }

    public Path dcsLog() {
        return directory.resolve("dcs.log");
    }

    /** libpq's connection string that finds the primary, wherever it is. */
    public String connectionString() {
        List<String> ports =
                nodes.stream().map(node -> Integer.toString(node.postgres().port())).toList();
        return "host="
                + DemoNode.HOST
                + " port="
                + String.join(",", ports)
                + " user=postgres dbname=postgres target_session_attrs=read-write";
    }

    /** How long the kernel keeps the port of a connection that was closed. */
    private static final Duration TIME_WAIT = Duration.ofSeconds(65);

    /**
     * Ports that somebody else listens on. Waits for those that only a closed connection of a
     * client still has: some of the demo's are in the range from which the kernel gives ports to
     * clients.
     */
    public List<HostPort> portsInUse() throws InterruptedException {
        long giveUp = System.nanoTime() + TIME_WAIT.toNanos();
        List<HostPort> used = unavailable();
        while (!used.isEmpty()
                && used.stream().noneMatch(DemoLayout::isListenedOn)
                && System.nanoTime() - giveUp < 0) {
            Thread.sleep(Duration.ofMillis(500));
            used = unavailable();
        }
        return used;
    }

    private static boolean isListenedOn(HostPort address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host(), address.port()), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private List<HostPort> unavailable() {
        List<HostPort> all = new ArrayList<>(List.of(dcs()));
        nodes.forEach(node -> all.addAll(node.listeners()));
        return all.stream().filter(DemoLayout::isInUse).toList();
    }

    private static boolean isInUse(HostPort address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address.host(), address.port()));
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Creates the directories and the configuration files. */
    public void write() throws IOException {
        boolean synchronous = nodes.size() > 1;
        for (DemoNode node : nodes) {
            Files.createDirectories(node.directory());
            Files.writeString(node.configFile(), node.config(dcs(), synchronous));
            Files.setPosixFilePermissions(
                    node.configFile(), PosixFilePermissions.fromString("rw-------"));
        }
    }
}
