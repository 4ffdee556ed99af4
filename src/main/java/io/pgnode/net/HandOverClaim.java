package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The listeners of the process before this one: they are {@linkplain Listeners inherited} as soon
 * as this exists, and {@link #taken} makes this process their only owner. Blocking, with a deadline
 * for each answer; one thread.
 */
public final class HandOverClaim implements AutoCloseable {
    private static final int MOST = 1000;
    private static final int BUFFER = 4096;

    private final EventLoops loops;
    private final Channel channel;
    private final Answers answers;
    private final Duration limit;
    private boolean isTaken;

    private HandOverClaim(EventLoops loops, Channel channel, Answers answers, Duration limit) {
        this.loops = loops;
        this.channel = channel;
        this.answers = answers;
        this.limit = limit;
    }

    /**
     * Asks a {@link HandOverDesk} for its listeners.
     *
     * @param limit for each of its answers
     * @return empty when nobody offers any there
     * @throws IOException when there is an offer that cannot be used
     */
    public static Optional<HandOverClaim> from(EventLoops loops, Path socket, Duration limit)
            throws IOException {
        Answers answers = new Answers();
        ChannelFuture connected =
                Sockets.connect(
                                loops.loop(0),
                                new DomainSocketAddress(socket.toString()),
                                limit,
                                answers)
                        .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            return Optional.empty();
        }
        // By itself, Netty takes one descriptor for each event, and the rest of them never.
        connected
                .channel()
                .config()
                .setRecvByteBufAllocator(
                        new FixedRecvByteBufAllocator(BUFFER)
                                .respectMaybeMoreData(false)
                                .maxMessagesPerRead(MOST));
        HandOverClaim claim = new HandOverClaim(loops, connected.channel(), answers, limit);
        try {
            if (!HandOverDesk.isOurs(connected.channel())) {
                throw new IOException(socket + " belongs to another user");
            }
            claim.inherit();
            return Optional.of(claim);
        } catch (IOException e) {
            claim.close();
            throw e;
        }
    }

    private void inherit() throws IOException {
        say(HandOverDesk.ASK);
        int count = Integer.parseInt(line("[0-9]{1,3}"));
        if (count > MOST) {
            throw new IOException("too many listeners: " + count);
        }
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = line(".+");
        }
        readMode(DomainSocketReadMode.FILE_DESCRIPTORS);
        say(HandOverDesk.GIVE);
        for (String name : names) {
            if (!(next() instanceof FileDescriptor listener)) {
                throw new IOException("not a listener");
            }
            loops.listeners().inherit(name, listener);
        }
        readMode(DomainSocketReadMode.BYTES);
    }

    /**
     * This process listens on what it wants of them: the other accepts nothing from now on, and
     * ends when its clients have left. What nobody here listens on is closed.
     */
    public void taken() throws IOException {
        say(HandOverDesk.TAKEN);
        line(HandOverDesk.DONE);
        isTaken = true;
        close();
    }

    /**
     * Before {@link #taken}: everything stays with the other process, and nothing is listened on
     * here any more.
     */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        if (!isTaken) {
            loops.listeners().giveUp();
        }
        loops.listeners().closeUnclaimed();
    }

    private void say(String line) {
        var _ =
                channel.writeAndFlush(
                        Unpooled.copiedBuffer(line + "\n", StandardCharsets.US_ASCII));
    }

    private void readMode(DomainSocketReadMode mode) {
        ((EpollDomainSocketChannel) channel).config().setReadMode(mode);
    }

    private String line(String pattern) throws IOException {
        if (!(next() instanceof String line) || !line.matches(pattern)) {
            throw new IOException("the other process does not know how to hand over its listeners");
        }
        return line;
    }

    private Object next() throws IOException {
        try {
            Object answer = answers.queue.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (answer == null || answer.equals(Answers.END)) {
                throw new IOException("the other process does not hand over its listeners");
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Lines and descriptors, in their order. */
    private static final class Answers extends ChannelInboundHandlerAdapter {
        static final Object END = new Object();

        final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
        private final StringBuilder line = new StringBuilder();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf bytes) {
                while (bytes.isReadable()) {
                    char letter = (char) bytes.readByte();
                    if (letter == '\n') {
                        queue.add(line.toString());
                        line.setLength(0);
                    } else {
                        line.append(letter);
                    }
                }
                bytes.release();
            } else {
                queue.add(message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            queue.add(END);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
