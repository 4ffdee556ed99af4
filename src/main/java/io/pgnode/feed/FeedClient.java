package io.pgnode.feed;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.os.SelectorThread;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The gateway's end of {@code agent.sock}: connects, again and again, and gives every snapshot to
 * the consumer, in order, on a thread of its own. Losing the agent gives nothing: the last snapshot
 * stays until its deadline.
 */
public final class FeedClient implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FeedClient.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(20);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    /** An agent publishes in each cycle; the longest allowed is far below. */
    private static final Duration SILENCE = Duration.ofMinutes(5);

    private final Path path;
    private final Consumer<ClusterSnapshot> consumer;
    private final SnapshotCodec codec = new SnapshotCodec();
    private final SelectorThread thread;
    private volatile boolean connected;

    /**
     * @param path of the agent's socket, which need not exist yet
     * @param consumer must return soon
     */
    public FeedClient(Path path, Consumer<ClusterSnapshot> consumer) throws IOException {
        this.path = path;
        this.consumer = consumer;
        this.thread = new SelectorThread("feed-client", this::run);
    }

    public void start() {
        thread.start();
    }

    /** Whether the agent is there at this moment. */
    public boolean isConnected() {
        return connected;
    }

    private void run() {
        Duration retry = FIRST_RETRY;
        while (!thread.isEnding()) {
            retry = serve() ? FIRST_RETRY : twice(retry);
            thread.pause(retry);
        }
    }

    private static Duration twice(Duration retry) {
        Duration doubled = retry.multipliedBy(2);
        return doubled.compareTo(LAST_RETRY) < 0 ? doubled : LAST_RETRY;
    }

    /** One connection from start to end; whether it brought anything. */
    private boolean serve() {
        boolean[] received = {false};
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(path))) {
                throw new IOException("the agent does not accept connections");
            }
            channel.register(thread.selector(), SelectionKey.OP_READ);
            LineInput input = new LineInput(SnapshotCodec.MAX_LINE_BYTES);
            connected = true;
            LOG.infof("the agent is connected: path=%s", path);
            while (!thread.isEnding()) {
                int ready = thread.selector().select(_ -> {}, SILENCE.toMillis());
                if (thread.isEnding()) {
                    break;
                }
                if (ready == 0) {
                    throw new IOException(
                            "the agent said nothing for " + SILENCE.toSeconds() + " s");
                }
                if (!input.readFrom(
                        channel,
                        line -> {
                            received[0] = true;
                            accept(line);
                        })) {
                    throw new EOFException("the agent closed the connection");
                }
            }
        } catch (IOException | RuntimeException e) {
            if (connected && !thread.isEnding()) {
                LOG.warnf("the agent is away: path=%s reason=%s", path, e.getMessage());
            } else {
                LOG.debugf("agent not reached: path=%s reason=%s", path, e.getMessage());
            }
        } finally {
            connected = false;
        }
        return received[0];
    }

    private void accept(String line) {
        ClusterSnapshot snapshot;
        try {
            snapshot = codec.decode(line);
        } catch (IOException e) {
            LOG.warnf("ignored a line of the agent: %s", e.getMessage());
            return;
        }
        try {
            consumer.accept(snapshot);
        } catch (RuntimeException e) {
            LOG.error("a snapshot was not taken", e);
        }
    }

    @Override
    public void close() {
        var _ = thread.end();
    }
}
