package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.ListenOptions;
import io.pgnode.net.Sockets;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Where clients come to a pooler. Thread-safe. */
final class PoolerListeners {
    private final Pooler pooler;
    private final EventLoops loops;
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private volatile ListenOptions options = new ListenOptions(false, true);

    PoolerListeners(Pooler pooler, EventLoops loops) {
        this.pooler = pooler;
        this.loops = loops;
    }

    /** For what is listened on from now on. */
    void configure(PoolerIni.Listening how) {
        options = new ListenOptions(how.isShared(), how.isDeferred());
    }

    /** Where clients come by the pooler's own entrance. */
    Gate gate() {
        return gate(Entrance.LOCAL, Integer.MAX_VALUE);
    }

    /**
     * Where clients come by that entrance.
     *
     * @param limit of connections at once, which the entrance counts
     */
    Gate gate(Entrance entrance, int limit) {
        return new Gate(loops, address -> listen(address, entrance), limit);
    }

    private ChannelFuture listen(SocketAddress address, Entrance entrance) {
        ChannelFuture bound =
                Sockets.listenDirect(
                        loops, address, loop -> new ClientLogin(pooler, loop, entrance), options);
        listeners.removeIf(each -> !loops.listeners().isOurs(each));
        listeners.add(bound.channel());
        return bound;
    }

    /** Those of unix sockets stay, for admins. */
    void closeTcp() {
        for (Channel listener : listeners) {
            if (!Sockets.isUnix(listener) && loops.listeners().isOurs(listener)) {
                var _ = listener.close();
            }
        }
    }

    void close() {
        List.copyOf(listeners).forEach(loops.listeners()::close);
    }
}
