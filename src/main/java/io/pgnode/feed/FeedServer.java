package io.pgnode.feed;

import io.pgnode.cluster.ClusterSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's end of {@code agent.sock}: whoever connects gets the last snapshot at once, and then
 * every new one.
 *
 * <p>{@link #publish} only puts the snapshot into a queue; one thread does the rest and never waits
 * for a client. What a client has not taken yet is bounded: of many snapshots the newest stay.
 */
public final class FeedServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FeedServer.class);

    /** A gateway, its successor while it hands over, and who looks for curiosity. */
    static final int MAX_CLIENTS = 16;

    /** Snapshots that wait for the thread or for a client. */
    static final int MAX_WAITING = 32;

    private final SocketFile socket;
    private final Selector selector;
    private final Thread thread;
    private final SnapshotCodec codec = new SnapshotCodec();
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<ClusterSnapshot> fresh = new ArrayDeque<>(); // under the lock
    private volatile boolean closed;

    // The thread's own.
    private final List<Client> clients = new ArrayList<>();
    private final ByteBuffer ignored = ByteBuffer.allocate(512);
    private byte @Nullable [] last;

    private static final class Client {
        final SocketChannel channel;
        final SelectionKey key;
        final LineOutput output = new LineOutput();

        Client(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
        }
    }

    /**
     * Listens at once; a socket left by an earlier agent is replaced.
     *
     * @param path at most 107 bytes
     */
    public FeedServer(Path path) throws IOException {
        this.socket = SocketFile.listen(path);
        this.selector = Selector.open();
        socket.channel().register(selector, SelectionKey.OP_ACCEPT);
        this.thread = Thread.ofPlatform().name("feed").daemon(true).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Gives a snapshot to all clients, in the order of the calls. Any thread; never blocks. */
    public void publish(ClusterSnapshot snapshot) {
        lock.lock();
        try {
            if (fresh.size() >= MAX_WAITING) {
                fresh.removeFirst();
            }
            fresh.addLast(snapshot);
        } finally {
            lock.unlock();
        }
        selector.wakeup();
    }

    private void run() {
        while (!closed) {
            try {
                selector.select(_ -> {});
                accept();
                sendFresh();
                clients.removeIf(client -> !exchange(client));
            } catch (IOException | RuntimeException e) {
                LOG.errorf(e, "a round of the feed failed");
            }
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = socket.channel().accept();
                channel != null;
                channel = socket.channel().accept()) {
            if (clients.size() >= MAX_CLIENTS) {
                LOG.warnf("feed client refused: clients=%d", clients.size());
                channel.close();
                continue;
            }
            channel.configureBlocking(false);
            Client client = new Client(channel, channel.register(selector, SelectionKey.OP_READ));
            if (last != null) {
                client.output.add(last);
            }
            clients.add(client);
            LOG.debugf("feed client connected: clients=%d", clients.size());
        }
    }

    private void sendFresh() {
        List<ClusterSnapshot> snapshots;
        lock.lock();
        try {
            snapshots = List.copyOf(fresh);
            fresh.clear();
        } finally {
            lock.unlock();
        }
        for (ClusterSnapshot snapshot : snapshots) {
            byte[] line = LineOutput.bytes(codec.encode(snapshot));
            if (line.length > SnapshotCodec.MAX_LINE_BYTES) {
                LOG.errorf(
                        "a snapshot is too long for the gateway: bytes=%d members=%d",
                        line.length, snapshot.view().members().size());
                continue;
            }
            last = line;
            for (Client client : clients) {
                client.output.add(line);
                client.output.keepNewest(MAX_WAITING);
            }
        }
    }

    /** Whether the client is still there. */
    private boolean exchange(Client client) {
        try {
            int n;
            do {
                n = client.channel.read(ignored.clear());
            } while (n > 0);
            if (n == 0) {
                boolean done = client.output.flush(client.channel);
                client.key.interestOps(
                        done ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                return true;
            }
        } catch (IOException e) {
            LOG.debugf("feed client lost: %s", e.getMessage());
        }
        close(client.channel);
        return false;
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("feed client: %s", e.getMessage());
        }
    }

    /** Disconnects everybody; they keep the last snapshot until its deadline. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
            clients.forEach(client -> close(client.channel));
            selector.close();
            socket.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debugf("feed: %s", e.getMessage());
        }
    }
}
