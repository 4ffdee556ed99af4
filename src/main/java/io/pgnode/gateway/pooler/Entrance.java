package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.pgnode.gateway.pooler.core.PoolKey;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A way into the pooler: where its clients get their servers. Thread-safe. */
interface Entrance {
    /** To the servers that the databases' own settings name. */
    Entrance LOCAL = (_, _) -> Visit.LOCAL;

    /** A connection was accepted; its login comes later, or never. */
    default void connected(Channel channel) {}

    /**
     * A client has proved who it is.
     *
     * @param client its address
     * @param loop the number of its event loop
     * @return null when it cannot be served, now or soon
     */
    @Nullable Visit enter(@Nullable SocketAddress client, int loop);

    /** A client's stay. Confined to the client's loop. */
    interface Visit {
        /** Of {@link #LOCAL}. */
        Visit LOCAL = () -> PoolKey.LOCAL;

        /** Where the client's servers are to be found, as in {@link PoolKey#target}. */
        String target();

        /** Whether {@link #target} may have changed since {@link #settle}; to be asked often. */
        default boolean isUnsettled() {
            return false;
        }

        /** Chooses anew if the one chosen does not serve any more. */
        default void settle() {}

        /** What passes between client and servers is counted here. */
        default Traffic traffic() {
            return new Traffic();
        }

        /** The session has begun, or begins as soon as it has a server. */
        default void begun(ClientSession session) {}

        /** The client is gone. */
        default void ended() {}
    }

    /** Bytes of the clients of one loop; read by others, who may see it a little late. */
    final class Traffic {
        long received;
        long sent;
    }
}
