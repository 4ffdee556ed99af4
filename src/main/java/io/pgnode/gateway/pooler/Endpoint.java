package io.pgnode.gateway.pooler;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An end of a connection as the console prints it.
 *
 * @param host numeric where it is known; {@code unix} for unix sockets
 * @param port of a unix socket, the number in its name; zero when not known
 */
record Endpoint(String host, int port, boolean isUnix) {
    private static final String SOCKET = ".s.PGSQL.";

    static Endpoint of(@Nullable SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet ->
                    new Endpoint(
                            inet.isUnresolved()
                                    ? inet.getHostString()
                                    : inet.getAddress().getHostAddress(),
                            inet.getPort(),
                            false);
            case DomainSocketAddress unix -> new Endpoint("unix", port(unix.path()), true);
            case null, default -> new Endpoint("unix", 0, true);
        };
    }

    private static int port(String path) {
        int at = path.lastIndexOf(SOCKET);
        String number = at < 0 ? "" : path.substring(at + SOCKET.length());
        return number.matches("\\d{1,5}") ? Integer.parseInt(number) : 0;
    }
}
