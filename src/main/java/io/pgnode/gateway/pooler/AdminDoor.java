package io.pgnode.gateway.pooler;

import io.netty.channel.ChannelHandlerContext;
import io.pgnode.wire.Opening;

/** Where those go who log in to the console's database. */
interface AdminDoor {
    /** The database that no other can be named like. */
    String CONSOLE = "pgbouncer";

    /**
     * Takes over a client that has proved who it is: greets it from AuthenticationOk on, adds its
     * own handler and removes {@code login} from the pipeline. On the client's loop.
     *
     * @param isAdmin may do everything; otherwise may look
     */
    void enter(
            ChannelHandlerContext context,
            Opening.Login opening,
            boolean isAdmin,
            ClientLogin login);
}
