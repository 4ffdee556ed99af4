package io.pgnode.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Cuts are real, hit connections that are open already, and leave the test's own connections alone.
 */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Capabilities#network")
class NetworkLabTest {
    private static final int PORT = 7777;

    @Test
    void cutHitsOpenConnectionsAndHealingRevivesThem() throws Exception {
        try (var lab = new NetworkLab();
                var echo = new Echo(lab.add());
                var other = new Echo(lab.add());
                Socket fromTest = connected(echo.place())) {
            assertThat(talks(fromTest)).isTrue();
            assertThat(reaches(other.place(), echo.place())).isTrue();

            lab.cut(echo.place(), other.place());

            assertThat(reaches(other.place(), echo.place())).isFalse();
            assertThat(talks(fromTest)).isTrue();

            lab.heal(echo.place(), other.place());

            assertThat(reaches(other.place(), echo.place())).isTrue();

            lab.unplug(echo.place());

            assertThat(talks(fromTest)).isFalse();
        }
    }

    @Test
    void leavesNothingBehind() {
        String namespace;
        try (var lab = new NetworkLab()) {
            namespace = lab.add().namespace() + "";
            assertThat(Command.run("ip", "netns")).contains(namespace);
        }
        assertThat(Command.run("ip", "netns")).doesNotContain(namespace);
        assertThat(Command.run("ip", "link")).doesNotContain(namespace.replaceFirst("-\\d+$", ""));
    }

    private static Socket connected(Place place) throws IOException {
        var socket = new Socket();
        Waiting.until(
                Duration.ofSeconds(5), () -> "echo answers", () -> reaches(Place.LOOPBACK, place));
        socket.connect(new InetSocketAddress(place.address(), PORT), 1000);
        socket.setSoTimeout(1500);
        return socket;
    }

    private static boolean talks(Socket socket) {
        try {
            socket.getOutputStream().write('x');
            return socket.getInputStream().read() == 'x';
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean reaches(Place from, Place to) {
        var command = new ArrayList<>(from.command(List.of("bash", "-c")));
        command.add(
                "exec 3<>/dev/tcp/"
                        + to.address()
                        + "/"
                        + PORT
                        + " && echo x >&3 && read -t 1 -u 3 answer");
        command.addAll(0, List.of("timeout", "2"));
        return Command.succeeds(command.toArray(String[]::new));
    }

    /** A server that returns what it gets. */
    private record Echo(Place place, Process process) implements AutoCloseable {
        Echo(Place place) throws IOException {
            this(place, start(place));
        }

        private static Process start(Place place) throws IOException {
            String script =
                    "import socketserver\n"
                            + "class H(socketserver.BaseRequestHandler):\n"
                            + "    def handle(self):\n"
                            + "        for d in iter(lambda: self.request.recv(99), b''): self.request.sendall(d)\n"
                            + "socketserver.ThreadingTCPServer(('0.0.0.0', "
                            + PORT
                            + "), H).serve_forever()\n";
            return new ProcessBuilder(place.command(List.of("python3", "-c", script)))
                    .inheritIO()
                    .start();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
