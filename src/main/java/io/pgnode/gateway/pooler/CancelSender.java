package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.pgnode.net.Sockets;
import io.pgnode.wire.FrontendMessages;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a cancel request; the server closes the connection once it has acted on it. Until then the
 * request may hit whatever the server does, so nobody else is given the server. Confined to the
 * server's loop.
 */
final class CancelSender extends ChannelInboundHandlerAdapter {
    private final ServerSession server;
    private final Duration limit;
    private final Runnable late;
    private final Runnable end;
    private @Nullable ScheduledFuture<?> deadline;

    private CancelSender(ServerSession server, Duration limit, Runnable late, Runnable end) {
        this.server = server;
        this.limit = limit;
        this.late = late;
        this.end = end;
    }

    /**
     * To be called on the server's loop.
     *
     * @param limit for the connection, and then for the answer
     * @param late called when no answer came: the request may hit at any later time
     * @param done called at the end in any case
     */
    static void send(ServerSession server, Duration limit, Runnable late, Runnable done) {
        server.holdForCancel();
        Runnable end =
                () -> {
                    server.cancelDone();
                    done.run();
                };
        Sockets.connect(
                        server.channel().eventLoop(),
                        server.channel().remoteAddress(),
                        limit,
                        new CancelSender(server, limit, late, end))
                .addListener(
                        connected -> {
                            if (!connected.isSuccess()) {
                                // Out of file descriptors we hear of it on a thread of Netty's.
                                server.channel().eventLoop().execute(end);
                            }
                        });
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf out = context.alloc().buffer(16);
        FrontendMessages.cancelRequest(out, server.cancelKey());
        var _ = context.writeAndFlush(out);
        deadline =
                context.executor()
                        .schedule(
                                () -> {
                                    late.run();
                                    context.close();
                                },
                                limit.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ScheduledFuture<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
        server.channel().eventLoop().execute(end);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = context.close();
    }
}
