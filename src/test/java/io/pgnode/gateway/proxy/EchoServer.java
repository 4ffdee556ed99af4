package io.pgnode.gateway.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Says its name to everybody, then echoes, and ends its side when the client has ended its own. A
 * client that sends {@code #} first gets 64 MB.
 */
final class EchoServer implements AutoCloseable {
    static final int BULK = 64 << 20;

    private final ServerSocket listener;
    private final String name;
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger accepted = new AtomicInteger();

    EchoServer(String name) throws IOException {
        this.name = name;
        this.listener = new ServerSocket(0, 100, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                accepted.incrementAndGet();
                open.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            out.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
            byte[] buffer = new byte[8192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (buffer[0] == '#') {
                    out.write(new byte[BULK]);
                } else {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException e) {
            // the client or the proxy broke off
        } finally {
            open.decrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
