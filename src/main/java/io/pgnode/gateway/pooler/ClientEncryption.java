package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.pgnode.net.TlsContext;
import io.pgnode.wire.ProtocolViolation;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** How a client's login comes to TLS: it asks for it, or begins with it. Confined to its loop. */
final class ClientEncryption {
    private static final int TLS_HANDSHAKE = 0x16;

    private final ClientTls tls;
    private final Executor workers;
    private boolean isDirect;

    /**
     * @param workers for handshakes
     */
    ClientEncryption(ClientTls tls, Executor workers) {
        this.tls = tls;
        this.workers = workers;
    }

    static boolean isOn(ChannelHandlerContext context) {
        return handler(context) != null;
    }

    private static @Nullable SslHandler handler(ChannelHandlerContext context) {
        return (SslHandler) context.pipeline().get(ClientPeer.TLS_HANDLER);
    }

    /** Whether a handshake has begun and not succeeded: what is written now would wait for it. */
    static boolean isHandshaking(ChannelHandlerContext context) {
        SslHandler handler = handler(context);
        return handler != null && !handler.handshakeFuture().isSuccess();
    }

    /** Whether the next byte begins a handshake. */
    static boolean isHandshake(ByteBuf in) {
        return in.getByte(in.readerIndex()) == TLS_HANDSHAKE;
    }

    /** Begins with the handshake that the client asks for; false where there is no TLS. */
    boolean start(ChannelHandlerContext context) {
        SSLEngine engine = engine(context);
        if (engine == null) {
            return false;
        }
        // The answer goes out before the handler comes, unencrypted.
        var _ = context.writeAndFlush(context.alloc().buffer(1).writeByte('S'));
        encrypt(context, engine);
        return true;
    }

    /** Without being asked, as libpq does with sslnegotiation=direct. */
    void startDirect(ChannelHandlerContext context, ByteBuf in) throws ProtocolViolation {
        SSLEngine engine = engine(context);
        if (engine == null) {
            throw new ProtocolViolation("received direct SSL connection request without SSL");
        }
        isDirect = true;
        ByteBuf first = in.readBytes(in.readableBytes());
        encrypt(context, engine);
        context.pipeline().fireChannelRead(first);
        context.pipeline().fireChannelReadComplete();
    }

    /** A client that did not ask must have named the protocol in its handshake. */
    void checkProtocol(ChannelHandlerContext context) throws ProtocolViolation {
        SslHandler handler = handler(context);
        if (isDirect && handler != null && !TlsContext.isProtocolNamed(handler.engine())) {
            throw new ProtocolViolation(
                    "direct TLS connection was established without ALPN protocol negotiation");
        }
    }

    private @Nullable SSLEngine engine(ChannelHandlerContext context) {
        return ClientPeer.address(context.channel()) == null ? null : tls.engine();
    }

    private void encrypt(ChannelHandlerContext context, SSLEngine engine) {
        SslHandler handler = new SslHandler(engine, workers);
        // The login's own deadline counts.
        handler.setHandshakeTimeoutMillis(0);
        context.pipeline().addFirst(ClientPeer.TLS_HANDLER, handler);
    }
}
