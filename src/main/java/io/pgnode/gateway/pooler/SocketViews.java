package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.pgnode.gateway.pooler.console.ConsoleSession;
import io.pgnode.gateway.pooler.console.SocketView;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;

/** Connections of one loop, looked at on that loop; then of all. Confined to one thread a time. */
final class SocketViews {
    private final List<SocketView> views = new ArrayList<>();
    private final Instant now = Instant.now();
    private final long nowNanos = System.nanoTime();

    private Instant at(long nanos) {
        return now.minusNanos(nowNanos - nanos);
    }

    /**
     * @param server id of the server that the client has; zero for none
     */
    void client(ClientSession client, long server) {
        Channel channel = client.channel();
        Endpoint remote = Endpoint.of(channel.remoteAddress());
        Endpoint local = Endpoint.of(channel.localAddress());
        boolean waits = client.seat().isWaiting();
        long lastRequest = client.meter().lastRequest();
        PoolKey pool = client.pool().key();
        views.add(
                new SocketView(
                        true,
                        client.meter().user(),
                        pool.database(),
                        waits ? "waiting" : server != 0 ? "active" : "idle",
                        remote.host(),
                        remote.isUnix() ? local.port() : remote.port(),
                        local.host(),
                        local.port(),
                        at(client.connectedNanos()),
                        at(lastRequest == 0 ? client.connectedNanos() : lastRequest),
                        waits ? Math.max(0, nowNanos - client.seat().since()) / 1_000 : 0,
                        false,
                        client.meter().id(),
                        server,
                        0,
                        tls(channel),
                        client.settings().values().getOrDefault("application_name", ""),
                        client.statements().size()));
    }

    void server(ServerSession server, long id) {
        Channel channel = server.channel();
        Endpoint remote = Endpoint.of(channel.remoteAddress());
        Endpoint local = Endpoint.of(channel.localAddress());
        PoolServer<ServerSession> seat = server.seat();
        PoolKey pool = seat.pool().key();
        views.add(
                new SocketView(
                        false,
                        pool.user(),
                        pool.database(),
                        server.isParked()
                                ? "being_canceled"
                                : seat.state() == PoolServer.State.ACTIVE ? "active" : "idle",
                        remote.host(),
                        remote.port(),
                        local.host(),
                        local.port(),
                        at(seat.openedAt()),
                        at(seat.idleSince() == 0 ? seat.openedAt() : seat.idleSince()),
                        0,
                        seat.isDoomed(),
                        id,
                        0,
                        server.cancelKey().processId(),
                        tls(channel),
                        server.settings().values().getOrDefault("application_name", ""),
                        server.statements().size()));
    }

    void console(ConsoleSession console) {
        Endpoint remote = Endpoint.of(console.channel().remoteAddress());
        Endpoint local = Endpoint.of(console.channel().localAddress());
        views.add(
                console.view(
                        remote.host(),
                        remote.isUnix() ? local.port() : remote.port(),
                        local.host(),
                        local.port()));
    }

    private static String tls(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            return "";
        }
        SSLSession session = handler.engine().getSession();
        return session.getProtocol() + "/" + session.getCipherSuite();
    }

    void add(SocketViews other) {
        views.addAll(other.views);
    }

    /** All, each server with the client that has it. */
    List<SocketView> linked() {
        Map<Long, Long> clientOf = new HashMap<>();
        views.forEach(
                view -> {
                    if (view.isClient() && view.peer() != 0) {
                        clientOf.put(view.peer(), view.id());
                    }
                });
        return views.stream()
                .map(
                        view ->
                                view.isClient()
                                        ? view
                                        : view.linkedTo(clientOf.getOrDefault(view.id(), 0L)))
                .sorted(Comparator.comparingLong(SocketView::id))
                .toList();
    }
}
