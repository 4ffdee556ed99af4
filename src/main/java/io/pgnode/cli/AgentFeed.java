package io.pgnode.cli;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.feed.FeedClient;
import io.pgnode.gateway.route.ClusterFeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The gateway's {@link ClusterFeed} from the agent of this node. */
final class AgentFeed implements ClusterFeed {
    private final FeedClient client;
    private final List<Consumer<ClusterSnapshot>> receivers = new CopyOnWriteArrayList<>();
    private @Nullable ClusterSnapshot last; // under the monitor, so that nobody misses one

    /**
     * Connects as soon as there is an agent.
     *
     * @param agentSocket need not exist yet
     */
    AgentFeed(Path agentSocket) throws IOException {
        client = new FeedClient(agentSocket, this::receive);
        client.start();
    }

    private synchronized void receive(ClusterSnapshot snapshot) {
        last = snapshot;
        receivers.forEach(receiver -> receiver.accept(snapshot));
    }

    @Override
    public synchronized void subscribe(Consumer<ClusterSnapshot> receiver) {
        ClusterSnapshot known = last;
        if (known != null) {
            receiver.accept(known);
        }
        receivers.add(receiver);
    }

    @Override
    public void close() {
        client.close();
    }
}
