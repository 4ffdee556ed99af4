package io.pgnode.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.PeerCredentials;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens listeners and connections with the settings of the data path: no delay, one buffer of 64 kB
 * a loop to read into, reading stops while the other side does not keep up.
 */
public final class Sockets {
    private static final int BULK = 64 * 1024;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(BULK, 4 * BULK);

    /** Its handler's name, which Netty would have to make up otherwise. */
    private static final String FIRST = "first";

    private static final int BACKLOG = 1024;
    private static final int ACCEPT_PAUSE_MILLIS = 200;
    private static final Logger LOG = Logger.getLogger(Sockets.class);

    private static final LoopBuffers BUFFERS = new LoopBuffers();

    private Sockets() {}

    /**
     * @param bind {@code host:port}, {@code *:port}, or the path of a unix socket
     */
    public static SocketAddress address(String bind) {
        if (bind.startsWith("/")) {
            return new DomainSocketAddress(bind);
        }
        if (bind.startsWith("*:")) {
            return new InetSocketAddress(Integer.parseInt(bind.substring(2)));
        }
        int colon = bind.lastIndexOf(':');
        String host = bind.substring(0, colon);
        int port = Integer.parseInt(bind.substring(colon + 1));
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        return new InetSocketAddress(
                isBracketed ? host.substring(1, host.length() - 1) : host, port);
    }

    /**
     * Why a connection could not be made, with its address. Netty gives no text for a unix socket
     * that does not exist.
     */
    public static String reason(SocketAddress address, Throwable failure) {
        String text = failure.getMessage();
        if (text != null) {
            return text;
        }
        return failure instanceof FileNotFoundException
                ? "No such file or directory: " + address
                : failure.getClass().getSimpleName() + ": " + address;
    }

    /**
     * Listens; each accepted connection goes to the next loop. A listener that was {@linkplain
     * Listeners inherited} is used in place of a new one.
     *
     * @param handler of a new connection on the loop of that number
     */
    public static ChannelFuture listen(
            EventLoops loops, SocketAddress address, IntFunction<ChannelHandler> handler) {
        return listen(loops, address, handler, false, ListenOptions.PLAIN);
    }

    /** The same, for sessions that read past the pipeline (see {@link DirectChannel}). */
    public static ChannelFuture listenDirect(
            EventLoops loops,
            SocketAddress address,
            IntFunction<ChannelHandler> handler,
            ListenOptions options) {
        return listen(loops, address, handler, true, options);
    }

    private static ChannelFuture listen(
            EventLoops loops,
            SocketAddress address,
            IntFunction<ChannelHandler> handler,
            boolean isDirect,
            ListenOptions options) {
        Acceptor acceptor = new Acceptor(loops, handler);
        FileDescriptor inherited = loops.listeners().claim(address);
        ChannelFuture listening =
                inherited == null
                        ? bind(loops, address, acceptor, isDirect, options, true)
                        : adopt(
                                loops,
                                Listener.at(address, isDirect, options, inherited.intValue()),
                                acceptor);
        return listening.addListener(
                done -> {
                    if (done.isSuccess()) {
                        loops.listeners().opened(address, listening.channel());
                    }
                });
    }

    /**
     * Opens a listener that waits for who {@linkplain #listen listens} there next; who connects
     * meanwhile waits, too. Nothing when this process listens there already. Blocking.
     *
     * @throws IOException says why not
     */
    static void reserve(EventLoops loops, SocketAddress address) throws IOException {
        if (loops.listeners().isKnown(address)) {
            return;
        }
        ChannelFuture bound = paused(loops, address, false);
        if (!bound.isSuccess() && address instanceof InetSocketAddress tcp) {
            // Perhaps it is in our own way, such as one address in the way of all of them.
            List<Listener> ours = loops.listeners().withPort(tcp.getPort());
            ours.forEach(Listener::share);
            bound = ours.isEmpty() ? bound : paused(loops, address, true);
        }
        if (!bound.isSuccess()) {
            throw Listeners.refused(address, bound.cause());
        }
        loops.listeners().opened(address, bound.channel());
        loops.listeners().keep(Set.of(address));
        loops.listeners().close(bound.channel());
    }

    private static ChannelFuture paused(EventLoops loops, SocketAddress address, boolean isShared) {
        return bind(loops, address, new NotUsed(), false, new ListenOptions(isShared, false), false)
                .awaitUninterruptibly();
    }

    private static ChannelFuture adopt(
            EventLoops loops, Listener listener, ChannelHandler acceptor) {
        listener.pipeline().addLast(acceptor);
        return loops.loop(0).register(listener);
    }

    private static ChannelFuture bind(
            EventLoops loops,
            SocketAddress address,
            ChannelHandler acceptor,
            boolean isDirect,
            ListenOptions options,
            boolean isAccepting) {
        return new ServerBootstrap()
                .group(loops.loop(0))
                .channelFactory(() -> Listener.at(address, isDirect, options))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.AUTO_READ, isAccepting)
                .handler(acceptor)
                .childHandler(new NotUsed())
                .bind(address);
    }

    /** Whether it listens on a unix socket. */
    public static boolean isUnix(Channel listener) {
        return listener instanceof Listener one && one.isUnix();
    }

    /** Registers accepted connections in turn, in place of Netty's own acceptor. */
    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final EventLoops loops;
        private final IntFunction<ChannelHandler> handler;

        Acceptor(EventLoops loops, IntFunction<ChannelHandler> handler) {
            this.loops = loops;
            this.handler = handler;
        }

        /** Out of file descriptors, as a rule: trying again at once would keep the loop busy. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warnf("cannot accept a connection: %s", cause.getMessage());
            acceptAgainLater(context);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Channel accepted = (Channel) message;
            int loop = loops.take();
            configure(accepted);
            accepted.pipeline().addLast(FIRST, handler.apply(loop));
            var _ =
                    loops.loop(loop)
                            .register(accepted)
                            .addListener(
                                    done -> {
                                        if (!done.isSuccess()) {
                                            accepted.unsafe().closeForcibly();
                                        }
                                    });
        }
    }

    private static void acceptAgainLater(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(false);
        var _ =
                context.executor()
                        .schedule(
                                () -> context.channel().config().setAutoRead(true),
                                ACCEPT_PAUSE_MILLIS,
                                TimeUnit.MILLISECONDS);
    }

    private static final class NotUsed extends ChannelInboundHandlerAdapter {}

    private static void configure(Channel channel) {
        channel.config()
                .setAllocator(PooledByteBufAllocator.DEFAULT)
                .setRecvByteBufAllocator(BUFFERS)
                .setWriteBufferWaterMark(WATER_MARK);
    }

    /** Sends small messages at once, and looks from time to time whether the peer is there. */
    private static void configureTcp(Channel channel) {
        switch (channel) {
            case EpollSocketChannel tcp -> tcp.config().setTcpNoDelay(true).setKeepAlive(true);
            case DirectChannel direct -> direct.configure();
            default -> {}
        }
    }

    /** Who is at the other end of a connection on a unix socket; null when that is not known. */
    public static @Nullable PeerCredentials peer(Channel channel) {
        return channel instanceof DirectChannel direct ? direct.peer() : null;
    }

    /** Connects on this loop. */
    public static ChannelFuture connect(
            EventLoop loop, SocketAddress address, Duration limit, ChannelHandler handler) {
        return connect(
                loop,
                address,
                limit,
                handler,
                address instanceof DomainSocketAddress
                        ? EpollDomainSocketChannel::new
                        : EpollSocketChannel::new);
    }

    /** The same, for sessions that read past the pipeline (see {@link DirectChannel}). */
    public static ChannelFuture connectDirect(
            EventLoop loop, SocketAddress address, Duration limit, ChannelHandler handler) {
        return connect(loop, address, limit, handler, () -> DirectChannel.to(address));
    }

    private static ChannelFuture connect(
            EventLoop loop,
            SocketAddress address,
            Duration limit,
            ChannelHandler handler,
            ChannelFactory<Channel> kind) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(
                        () -> {
                            Channel channel = kind.newChannel();
                            configureTcp(channel);
                            return channel;
                        })
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RCVBUF_ALLOCATOR, BUFFERS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        (int) Math.min(limit.toMillis(), Integer.MAX_VALUE))
                .handler(handler)
                // Names are looked up aside: a name server must not stop the loop.
                .disableResolver()
                .connect(address);
    }
}
