package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Offers the listeners of this process to its successor, over a unix socket that only the same user
 * may use. Nothing changes here until the successor says that it has taken them; one that dies
 * before has changed nothing.
 *
 * <pre>
 * successor: listeners 1          here: their number, then a name each
 * successor: give                 here: the descriptors in that order, one message each
 * successor: taken                here: stops accepting, answers, and lets its owner drain
 * </pre>
 *
 * <p>Both processes accept from one queue in between, so that no connection is refused or lost.
 */
public final class HandOverDesk implements AutoCloseable {
    static final String ASK = "listeners 1";
    static final String GIVE = "give";
    static final String TAKEN = "taken";
    static final String DONE = "done";

    private static final Logger LOG = Logger.getLogger(HandOverDesk.class);
    private static final int MAX_LINE = 1024;

    private final EventLoops loops;
    private final Path socket;
    private final Channel listener;

    private HandOverDesk(EventLoops loops, Path socket, Channel listener) {
        this.loops = loops;
        this.socket = socket;
        this.listener = listener;
    }

    /**
     * Listens; a socket that was left behind is replaced.
     *
     * @param onTaken called once, on a thread of its own, when nothing is accepted here any more
     */
    public static HandOverDesk open(EventLoops loops, Path socket, Runnable onTaken)
            throws IOException {
        DomainSocketAddress address = new DomainSocketAddress(socket.toString());
        boolean isNew = !loops.listeners().isInherited(address);
        if (isNew) {
            Files.deleteIfExists(socket);
        }
        ChannelFuture bound =
                Sockets.listen(loops, address, _ -> new Conversation(loops, onTaken))
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + socket, bound.cause());
        }
        if (isNew) {
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        }
        return new HandOverDesk(loops, socket, bound.channel());
    }

    /** Offers nothing any more; the socket's file stays when it belongs to the successor. */
    @Override
    public void close() throws IOException {
        if (loops.listeners().close(listener)) {
            Files.deleteIfExists(socket);
        }
    }

    /** Whether the other end is a process of our own user, or of root. */
    static boolean isOurs(Channel channel) throws IOException {
        int uid = ((EpollDomainSocketChannel) channel).peerCredentials().uid();
        return uid == 0
                || Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer own
                        && own == uid;
    }

    private static final class Conversation extends SimpleChannelInboundHandler<ByteBuf> {
        private final EventLoops loops;
        private final Runnable onTaken;
        private List<Listeners.Named> offered = List.of();

        Conversation(EventLoops loops, Runnable onTaken) {
            this.loops = loops;
            this.onTaken = onTaken;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline()
                    .addBefore(context.name(), "lines", new LineBasedFrameDecoder(MAX_LINE));
        }

        @Override
        public void channelActive(ChannelHandlerContext context) throws IOException {
            if (!isOurs(context.channel())) {
                context.close();
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
            switch (line.toString(StandardCharsets.UTF_8)) {
                case ASK -> {
                    offered = loops.listeners().open();
                    StringBuilder names = new StringBuilder().append(offered.size()).append('\n');
                    offered.forEach(one -> names.append(one.name()).append('\n'));
                    say(context, names);
                }
                case GIVE -> {
                    for (Listeners.Named one : offered) {
                        var _ = context.write(((UnixChannel) one.channel()).fd());
                    }
                    context.flush();
                }
                case TAKEN -> Thread.ofVirtual().name("handed-over").start(() -> giveUp(context));
                default -> context.close();
            }
        }

        private void giveUp(ChannelHandlerContext context) {
            loops.listeners().giveUp();
            // Whom a loop has accepted is known to its handler after this.
            for (int i = 0; i < loops.count(); i++) {
                loops.loop(i).submit(() -> {}).awaitUninterruptibly();
            }
            LOG.infof("listeners handed over: count=%d", offered.size());
            say(context, DONE + "\n");
            onTaken.run();
        }

        private static void say(ChannelHandlerContext context, CharSequence text) {
            var _ = context.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warnf("hand-over of listeners failed: %s", cause.getMessage());
            context.close();
        }
    }
}
