package io.pgnode.feed;

import io.pgnode.cluster.ClusterSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's end of {@code agent.sock}: whoever connects gets the last snapshot at once, and then
 * every new one. At the end everybody is disconnected, and keeps the last one until its deadline.
 *
 * <p>{@link #publish} only puts the snapshot into a queue. What a client has not taken yet is
 * bounded: of many snapshots the newest stay.
 */
public final class FeedServer extends LineServer {
    private static final Logger LOG = Logger.getLogger(FeedServer.class);

    /** A gateway, its successors while they hand over, and who looks for curiosity. */
    static final int MAX_CLIENTS = 16;

    /** Snapshots that wait for the thread or for a client. */
    static final int MAX_WAITING = 32;

    /** Of what clients say, which is ignored. */
    private static final int MAX_LINE_BYTES = 512;

    private final SnapshotCodec codec = new SnapshotCodec();
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<ClusterSnapshot> fresh = new ArrayDeque<>(); // under the lock
    private byte @Nullable [] last; // the thread's own

    /**
     * Listens at once; a socket left by an earlier agent is replaced.
     *
     * @param path at most 107 bytes
     */
    public FeedServer(Path path) throws IOException {
        super("feed", path, MAX_CLIENTS, MAX_LINE_BYTES);
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
        wakeUp();
    }

    @Override
    void greet(Client client) {
        if (last != null) {
            client.output.add(last);
        }
    }

    @Override
    void handle(Client client, String line) {
        LOG.debugf("ignored what a client of the feed said");
    }

    @Override
    void speak(List<Client> all) {
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
            for (Client client : all) {
                client.output.add(line);
                client.output.keepNewest(MAX_WAITING);
            }
        }
    }
}
