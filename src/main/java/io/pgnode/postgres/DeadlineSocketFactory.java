package io.pgnode.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * The socket factory that PgJDBC instantiates by class name: makes unix sockets for {@code
 * unix:<path>} and TCP sockets for {@code tcp}, and tells {@link SqlConnection} about each one, so
 * that even a connection that is still being opened can be aborted.
 */
public final class DeadlineSocketFactory extends SocketFactory {
    private static final String UNIX = "unix:";

    private final String target;

    /**
     * Called by PgJDBC by reflection.
     *
     * @param target value of the property {@code socketFactoryArg}
     */
    public DeadlineSocketFactory(String target) {
        this.target = target;
    }

    @Override
    public Socket createSocket() throws IOException {
        Socket socket =
                target.startsWith(UNIX)
                        ? new UnixSocket(target.substring(UNIX.length()))
                        : new Socket();
        SqlConnection.opened(socket);
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new IOException("only unconnected sockets are made");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
            throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket(host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        return createSocket(host, port);
    }
}
