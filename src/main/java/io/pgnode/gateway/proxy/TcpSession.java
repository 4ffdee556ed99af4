package io.pgnode.gateway.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.pgnode.gateway.route.core.ServerSlot;
import io.pgnode.gateway.route.core.Ticket;
import io.pgnode.gateway.stats.SessionReport;
import io.pgnode.gateway.stats.Tally;
import io.pgnode.net.Chunk;
import io.pgnode.net.Inlet;
import io.pgnode.net.Outlet;
import io.pgnode.net.Sockets;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client, and the server it gets.
 *
 * <pre>
 * WAITING -> CONNECTING -> RELAYING -> ENDED      each but ENDED may end; CONNECTING may wait again
 * </pre>
 *
 * <p>Back-pressure: a side is read only while the other one takes what was read. What was read
 * belongs to the connection it was written to; before there is a server, to {@code early}, which
 * holds no more than one read since reading is off. An end of input is passed on after what came
 * before it, and the session ends when both sides have sent theirs.
 *
 * <p>Confined to its event loop, but for {@link #wake}, {@link #serverIsLost} and {@link #report}.
 */
final class TcpSession extends Inlet {
    /** For the last bytes to a side that reads slowly. */
    private static final Duration LINGER = Duration.ofSeconds(30);

    private enum State {
        WAITING,
        CONNECTING,
        RELAYING,
        ENDED
    }

    private final TcpService service;
    private final int loopNumber;
    private final long id;
    private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();
    private final Relay fromClient = new Relay();
    private final Relay fromServer = new Relay();

    private volatile State state = State.WAITING;
    private volatile @Nullable Channel client;
    private volatile @Nullable Channel server;
    private @Nullable Outlet toClient;
    private @Nullable Outlet toServer;
    private volatile @Nullable Ticket<TcpSession> ticket;
    // Plain, since they are on the hot path; whoever reports them may see them late.
    private long lastNanos;
    private long bytesIn;
    private long bytesOut;
    private long beganNanos;
    private long placedNanos;
    private int attempt;
    private int retries;
    private @Nullable ChannelFuture connecting;
    private @Nullable Tally serverTally;
    private boolean isServerSession;

    TcpSession(TcpService service, int loopNumber, long id) {
        this.service = service;
        this.loopNumber = loopNumber;
        this.id = id;
    }

    int loopNumber() {
        return loopNumber;
    }

    private EventLoop loop() {
        return service.loop(loopNumber);
    }

    /** The half of a session that copies from one side to the other. */
    private static final class Relay {
        boolean isInputOver;
        boolean isFlushNeeded;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Channel channel = context.channel();
        client = channel;
        channel.config().setAutoRead(false);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        Outlet outlet = new Outlet(channel);
        outlet.begin(this);
        toClient = outlet;
        beganNanos = service.now();
        lastNanos = beganNanos;
        Ticket<TcpSession> mine = new Ticket<>(this, hash(channel.remoteAddress()));
        ticket = mine;
        service.arrived(this, mine);
    }

    private static int hash(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().hashCode()
                : 0;
    }

    /** A place was found: the ticket has its slot. Any thread. */
    void wake() {
        loop().execute(this::place);
    }

    private void place() {
        if (state == State.WAITING && ticket().slot() != null) {
            placedNanos = service.now();
            attempt = 0;
            retries = 0;
            connect();
        }
    }

    private Ticket<TcpSession> ticket() {
        return Objects.requireNonNull(ticket);
    }

    private void connect() {
        ServerSlot slot = ticket().slot();
        if (slot == null) {
            end(Ending.NO_PLACE);
            return;
        }
        state = State.CONNECTING;
        int mine = ++attempt;
        serverTally = service.attempted(slot);
        var _ =
                service.resolve(slot)
                        .whenComplete(
                                (address, failure) -> {
                                    if (loop().inEventLoop()) {
                                        open(mine, address, failure);
                                    } else {
                                        loop().execute(() -> open(mine, address, failure));
                                    }
                                });
    }

    private void open(int of, @Nullable InetSocketAddress address, @Nullable Throwable failure) {
        if (state != State.CONNECTING || of != attempt) {
            return;
        }
        if (failure != null || address == null) {
            notConnected(of);
            return;
        }
        ServerSide side = new ServerSide();
        ChannelFuture future =
                Sockets.connectDirect(loop(), address, service.spec().times().connect(), side);
        connecting = future;
        future.addListener(done -> connected(of, future, side));
    }

    private void connected(int of, ChannelFuture future, ServerSide side) {
        if (state != State.CONNECTING || of != attempt) {
            future.channel().close();
            return;
        }
        connecting = null;
        if (!future.isSuccess()) {
            notConnected(of);
            return;
        }
        long now = service.now();
        Channel channel = future.channel();
        server = channel;
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        isServerSession = true;
        service.connected(
                Objects.requireNonNull(ticket().slot()),
                placedNanos - beganNanos,
                now - placedNanos);
        state = State.RELAYING;
        lastNanos = now;
        Outlet outlet = new Outlet(channel);
        outlet.begin(side);
        toServer = outlet;
        while (!early.isEmpty()) {
            outlet.write(early.poll());
        }
        outlet.flush();
        if (fromClient.isInputOver) {
            passEndOn(channel);
        }
        if (channel.isWritable()) {
            Objects.requireNonNull(client).config().setAutoRead(true);
        }
    }

    private void notConnected(int of) {
        ServerSlot failed = ticket().slot();
        if (of != attempt || state != State.CONNECTING || failed == null) {
            return;
        }
        service.connectFailed(failed);
        if (service.redispatch(ticket(), failed)) {
            connect();
        } else if (!service.mayRetry(ticket())) {
            waitAgain();
        } else if (retries < service.spec().limits().retries()) {
            retries++;
            service.retried(failed);
            attempt++;
            int mine = attempt;
            var _ =
                    loop().schedule(
                                    () -> retry(mine),
                                    service.spec().times().retryPause().toNanos(),
                                    TimeUnit.NANOSECONDS);
        } else {
            end(Ending.NO_CONNECTION);
        }
    }

    private void retry(int of) {
        if (state == State.CONNECTING && of == attempt) {
            connect();
        }
    }

    /** The server went down before it accepted; another one may come, within the queue's time. */
    private void waitAgain() {
        state = State.WAITING;
        attempt++;
        stopConnecting();
        service.giveBack(ticket());
    }

    private void stopConnecting() {
        ChannelFuture pending = connecting;
        connecting = null;
        if (pending != null) {
            pending.channel().close();
        }
    }

    /** Its server lost its role. Any thread. */
    void serverIsLost(ServerSlot slot) {
        loop().execute(
                        () -> {
                            if (ticket().slot() != slot) {
                                return;
                            }
                            switch (state) {
                                case WAITING, CONNECTING -> waitAgain();
                                case RELAYING -> end(Ending.CLOSED);
                                case ENDED -> {}
                            }
                        });
    }

    /** Ends it, whatever it does. Any thread. */
    void close(Ending why) {
        if (loop().inEventLoop()) {
            end(why);
        } else {
            loop().execute(() -> end(why));
        }
    }

    /** Ends it when nothing was sent since then. On the loop. */
    void endIfIdle(long nowNanos, long limitNanos) {
        if (state == State.RELAYING && nowNanos - lastNanos > limitNanos) {
            end(Ending.IDLE);
        }
    }

    @Override
    protected void received(Chunk chunk) {
        if (state == State.ENDED) {
            return;
        }
        Outlet to = toServer;
        if (to == null) {
            early.add(chunk.slice(chunk.from(), chunk.to()));
        } else {
            fromClient.isFlushNeeded = true;
            to.write(chunk, chunk.from(), chunk.to());
        }
        int length = chunk.length();
        bytesIn += length;
        service.bytesIn(length);
        Tally tally = serverTally;
        if (tally != null) {
            tally.bytesIn.add(length);
        }
    }

    @Override
    protected void receivedAll() {
        passOn(fromClient, client, toServer);
    }

    private void passOn(Relay relay, @Nullable Channel from, @Nullable Outlet to) {
        if (from == null || to == null || !relay.isFlushNeeded) {
            return;
        }
        relay.isFlushNeeded = false;
        lastNanos = service.now();
        to.flush();
        if (!to.isWritable()) {
            from.config().setAutoRead(false);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        resume(context.channel(), server);
    }

    /** What was written has left: the other side is read again. */
    private static void resume(Channel written, @Nullable Channel other) {
        if (written.isWritable() && other != null && other.isActive()) {
            other.config().setAutoRead(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            clientIsOver();
        }
    }

    private void clientIsOver() {
        if (fromClient.isInputOver) {
            return;
        }
        fromClient.isInputOver = true;
        Channel to = server;
        if (to == null) {
            // Who leaves without having asked anything does not wait for a server.
            if (early.isEmpty() || state == State.WAITING) {
                end(Ending.CLIENT_BROKE_OFF);
            }
        } else if (fromServer.isInputOver) {
            end(Ending.DONE);
        } else {
            passEndOn(to);
        }
    }

    private void passEndOn(Channel to) {
        to.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(
                        done -> {
                            if (done.isSuccess() && to.isActive()) {
                                ((DuplexChannel) to).shutdownOutput();
                            }
                        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(server != null && fromServer.isInputOver ? Ending.DONE : Ending.CLIENT_BROKE_OFF);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(Ending.CLIENT_BROKE_OFF);
    }

    /** The server's connection. */
    private final class ServerSide extends Inlet {
        @Override
        protected void received(Chunk chunk) {
            Outlet to = toClient;
            if (state == State.ENDED || to == null) {
                return;
            }
            fromServer.isFlushNeeded = true;
            to.write(chunk, chunk.from(), chunk.to());
            int length = chunk.length();
            bytesOut += length;
            service.bytesOut(length);
            Tally tally = serverTally;
            if (tally != null) {
                tally.bytesOut.add(length);
            }
        }

        @Override
        protected void receivedAll() {
            passOn(fromServer, server, toClient);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            resume(context.channel(), client);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            Channel to = client;
            if (event != ChannelInputShutdownEvent.INSTANCE
                    || fromServer.isInputOver
                    || to == null) {
                return;
            }
            fromServer.isInputOver = true;
            if (fromClient.isInputOver) {
                end(Ending.DONE);
            } else {
                passEndOn(to);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (context.channel().equals(server)) {
                end(fromServer.isInputOver ? Ending.DONE : Ending.SERVER_BROKE_OFF);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (context.channel().equals(server)) {
                end(Ending.SERVER_BROKE_OFF);
            }
        }
    }

    private void end(Ending why) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        stopConnecting();
        early.forEach(ReferenceCountUtil::release);
        early.clear();
        boolean isOrderly = why == Ending.DONE || why == Ending.SERVER_BROKE_OFF;
        close(server, why == Ending.DONE || why == Ending.CLIENT_BROKE_OFF);
        service.ended(this, ticket(), why, isServerSession, service.now() - beganNanos);
        close(client, isOrderly); // last, so that who sees the end finds it counted
    }

    /**
     * @param isFlushed what was read for it is delivered first, within a limit
     */
    private void close(@Nullable Channel channel, boolean isFlushed) {
        if (channel == null) {
            return;
        }
        if (!isFlushed || !channel.isActive()) {
            channel.close();
            return;
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        if (channel.isActive()) {
            var timer =
                    loop().schedule(() -> channel.close(), LINGER.toNanos(), TimeUnit.NANOSECONDS);
            channel.closeFuture().addListener(closed -> timer.cancel(false));
        }
    }

    /** Any thread; numbers may be a moment old. */
    SessionReport report() {
        Channel channel = client;
        Ticket<TcpSession> mine = ticket;
        ServerSlot slot = mine == null ? null : mine.slot();
        long now = service.now();
        return new SessionReport(
                "0x" + Long.toHexString(id),
                channel == null ? "" : text(channel.remoteAddress()),
                service.spec().name(),
                slot == null ? "" : slot.name(),
                state.name(),
                TimeUnit.NANOSECONDS.toSeconds(now - beganNanos),
                TimeUnit.NANOSECONDS.toSeconds(now - lastNanos),
                bytesIn,
                bytesOut);
    }

    private static String text(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            return inet.getHostString() + ":" + inet.getPort();
        }
        return "unix";
    }
}
