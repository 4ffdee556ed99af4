package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A replication connection: its client has a server of its own, outside all pools, and everything
 * goes through as it is. Confined to one loop.
 */
final class ReplicationLink implements ServerLogin.Outcome {
    private final ChannelHandlerContext client;
    private final CancelKey key;
    private final Consumer<ErrorMessage> refusal;

    /**
     * @param client whose login is done; it is read from once the server is there
     * @param key that the client is told; nothing can be cancelled by it
     * @param refusal tells the client why there is no server, and closes
     */
    ReplicationLink(ChannelHandlerContext client, CancelKey key, Consumer<ErrorMessage> refusal) {
        this.client = client;
        this.key = key;
        this.refusal = refusal;
    }

    @Override
    public void loggedIn(
            ChannelHandlerContext server, CancelKey itsKey, Map<String, String> reported) {
        if (!client.channel().isActive()) {
            var _ = server.close();
            return;
        }
        ByteBuf out = client.alloc().buffer(512);
        BackendMessages.authenticationOk(out);
        reported.forEach((name, value) -> BackendMessages.parameterStatus(out, name, value));
        BackendMessages.backendKeyData(out, key);
        BackendMessages.readyForQuery(out, 'I');
        var _ = client.writeAndFlush(out);
        server.pipeline().replace(server.handler(), "relay", new Relay(client.channel()));
        client.pipeline().addLast(new Relay(server.channel()));
        client.pipeline().remove(client.handler());
        client.channel().config().setAutoRead(true);
    }

    @Override
    public void failed(String sqlState, String message) {
        refusal.accept(
                ErrorMessage.fatal(
                        sqlState.isEmpty() ? SqlState.CONNECTION_FAILURE : sqlState, message));
    }

    /** Sends what comes to the other side, as fast as that takes it. */
    private static final class Relay extends ChannelInboundHandlerAdapter {
        private final Channel other;

        Relay(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            other.write(message, other.voidPromise());
            if (!other.isWritable()) {
                context.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            other.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            other.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (other.isActive()) {
                other.writeAndFlush(other.alloc().buffer(0))
                        .addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}
