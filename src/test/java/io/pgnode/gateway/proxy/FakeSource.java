package io.pgnode.gateway.proxy;

import io.pgnode.gateway.route.RouteSource;
import io.pgnode.gateway.route.core.CheckReport;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.model.HostPort;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Says what a test wants. */
public final class FakeSource implements RouteSource {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile List<ServerView> servers = List.of();

    public void set(ServerView... views) {
        servers = Arrays.asList(views);
        listeners.forEach(Runnable::run);
    }

    public static ServerView server(String name, int port, Condition condition) {
        return new ServerView(
                name,
                new HostPort("127.0.0.1", port),
                100,
                false,
                condition,
                condition.name(),
                CheckReport.NONE);
    }

    @Override
    public List<ServerView> servers(ServiceSpec spec, long nowNanos) {
        return servers;
    }

    @Override
    public long validNanos(long nowNanos) {
        return Long.MAX_VALUE;
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {}
}
