package io.pgnode.gateway.route;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.gateway.route.core.ClusterRoutes;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The last snapshot of a {@link ClusterFeed}. One of a lower epoch is refused. */
public final class FeedSource implements RouteSource {
    private final ClusterFeed feed;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable ClusterSnapshot last;

    private FeedSource(ClusterFeed feed) {
        this.feed = feed;
    }

    public static FeedSource of(ClusterFeed feed) {
        FeedSource source = new FeedSource(feed);
        feed.subscribe(source::accept);
        return source;
    }

    private void accept(ClusterSnapshot snapshot) {
        ClusterSnapshot before = last;
        ClusterView view = snapshot.view();
        if (before != null && view.epoch() < before.view().epoch()) {
            return;
        }
        last = snapshot;
        listeners.forEach(Runnable::run);
    }

    @Override
    public List<ServerView> servers(ServiceSpec spec, long nowNanos) {
        ClusterSnapshot snapshot = last;
        return snapshot == null ? List.of() : ClusterRoutes.servers(spec, snapshot, nowNanos);
    }

    @Override
    public long validNanos(long nowNanos) {
        ClusterSnapshot snapshot = last;
        if (snapshot == null) {
            return Long.MAX_VALUE;
        }
        long left = snapshot.leaseDeadlineNanos() - nowNanos;
        return left > 0 ? left : Long.MAX_VALUE;
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        feed.close();
    }
}
