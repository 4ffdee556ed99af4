package io.pgnode.feed;

import io.pgnode.os.SelectorThread;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * A server that speaks in lines, on a unix socket. One thread does everything, and never waits for
 * a client; {@link #wakeUp} is for all others.
 */
abstract class LineServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LineServer.class);

    private final SocketFile socket;
    private final int maxClients;
    private final int maxLineBytes;
    private final SelectorThread thread;
    private final List<Client> clients = new ArrayList<>(); // the thread's own

    /** Confined to the server's thread. */
    static final class Client {
        final LineInput input;
        final LineOutput output = new LineOutput();
        int unanswered;
        private final SocketChannel channel;
        private final SelectionKey key;

        private Client(SocketChannel channel, SelectionKey key, int maxLineBytes) {
            this.channel = channel;
            this.key = key;
            this.input = new LineInput(maxLineBytes);
        }
    }

    /**
     * Listens at once; a socket left by an earlier process is replaced.
     *
     * @param name of the thread
     * @param path at most 107 bytes
     */
    LineServer(String name, Path path, int maxClients, int maxLineBytes) throws IOException {
        this.socket = SocketFile.listen(path);
        this.maxClients = maxClients;
        this.maxLineBytes = maxLineBytes;
        this.thread = new SelectorThread(name, this::run);
        socket.channel().register(thread.selector(), SelectionKey.OP_ACCEPT);
    }

    /** Whoever connects to {@code link} comes here from now on, as do those who know our path. */
    public final void linkedAs(Path link) throws IOException {
        socket.linkedAs(link);
    }

    public final void start() {
        thread.start();
    }

    /** There is something to do; any thread. */
    final void wakeUp() {
        thread.wakeUp();
    }

    /** A client has connected. */
    void greet(Client client) {}

    /** A client said something. */
    abstract void handle(Client client, String line);

    /** Whether that client may stay. */
    boolean mayStay(Client client) {
        return true;
    }

    /** What is to be said to clients goes to their outputs now. */
    abstract void speak(List<Client> all);

    private void run() {
        while (!thread.isEnding()) {
            try {
                thread.selector().select(_ -> {});
                accept();
                clients.removeIf(client -> !read(client));
                speak(clients);
                clients.removeIf(client -> !write(client));
            } catch (IOException | RuntimeException e) {
                LOG.errorf(e, "a round failed: thread=%s", thread.name());
            }
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = socket.channel().accept();
                channel != null;
                channel = socket.channel().accept()) {
            if (clients.size() >= maxClients) {
                LOG.warnf("client refused: thread=%s clients=%d", thread.name(), clients.size());
                channel.close();
                continue;
            }
            channel.configureBlocking(false);
            SelectionKey key = channel.register(thread.selector(), SelectionKey.OP_READ);
            Client client = new Client(channel, key, maxLineBytes);
            greet(client);
            clients.add(client);
        }
    }

    /** Whether the client is still there. */
    private boolean read(Client client) {
        try {
            if (client.input.readFrom(client.channel, line -> handle(client, line))
                    && mayStay(client)) {
                return true;
            }
        } catch (IOException e) {
            LOG.debugf("client lost: thread=%s reason=%s", thread.name(), e.getMessage());
        }
        close(client.channel);
        return false;
    }

    private boolean write(Client client) {
        try {
            boolean done = client.output.flush(client.channel);
            client.key.interestOps(
                    done ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            return true;
        } catch (IOException e) {
            LOG.debugf("client lost: thread=%s reason=%s", thread.name(), e.getMessage());
            close(client.channel);
            return false;
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("client not closed: %s", e.getMessage());
        }
    }

    /** Disconnects everybody. */
    @Override
    public void close() {
        if (!thread.end()) {
            return;
        }
        clients.forEach(client -> close(client.channel));
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debugf("not closed: thread=%s reason=%s", thread.name(), e.getMessage());
        }
    }
}
