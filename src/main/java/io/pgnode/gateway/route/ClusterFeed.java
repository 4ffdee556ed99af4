package io.pgnode.gateway.route;

import io.pgnode.cluster.ClusterSnapshot;
import java.util.function.Consumer;

/** Brings the agent's view of the cluster. */
public interface ClusterFeed extends AutoCloseable {
    /**
     * Gives every new snapshot to the receiver, on any thread, in their order. A feed that loses
     * the agent gives nothing: the last snapshot stays, until its lease runs out.
     */
    void subscribe(Consumer<ClusterSnapshot> receiver);

    @Override
    void close();
}
