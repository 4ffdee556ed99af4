package io.pgnode.gateway.pooler;

import io.netty.channel.ChannelHandlerContext;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Opening;
import org.jspecify.annotations.Nullable;

/**
 * A client that has proved who it is, and is not in a pool yet. Confined to its loop.
 *
 * @param context of its login
 * @param loop the number of its event loop
 * @param entrance by which it came
 * @param setup that its login began with
 * @param asked settings of its startup packet
 * @param secret that it has proved to know
 * @param handler of its login
 */
record Newcomer(
        ChannelHandlerContext context,
        int loop,
        Entrance entrance,
        PoolerSetup setup,
        DatabaseSettings database,
        Opening.Login login,
        StartupSettings asked,
        ServerSecret secret,
        ClientLogin handler) {
    void refuse(ErrorMessage error) {
        handler.refuse(context, error);
    }

    /** Null when it cannot be served, now or soon. */
    Entrance.@Nullable Visit enter() {
        return entrance.enter(context.channel().remoteAddress(), loop);
    }

    /** Nothing more of it is read until it was greeted. */
    void stopReading() {
        context.channel().config().setAutoRead(false);
    }

    void goOnReading() {
        context.channel().config().setAutoRead(true);
    }
}
