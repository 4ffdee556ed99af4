package io.pgnode.net;

import io.netty.channel.epoll.OpenStreamChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection with a short way from the kernel to a session: once it has an {@link Inlet}, what
 * comes is read into its loop's buffer and handed over by one call. Until then, and whenever
 * something unusual is under way (the end, an error, a loop of others), reading goes through the
 * pipeline as with any channel; so a session is both, an inlet and a handler.
 *
 * <p>Confined to its loop, as far as channels are.
 */
final class DirectChannel extends OpenStreamChannel {
    /** Full buffers taken in a row before other connections have their turn. */
    private static final int MAX_READS = 16;

    private @Nullable Inlet inlet;

    private DirectChannel(boolean isUnix) {
        super(isUnix);
    }

    private DirectChannel(int fd, boolean isUnix, @Nullable SocketAddress remote) {
        super(fd, isUnix, remote);
    }

    /** To be connected to {@code address}. */
    static DirectChannel to(SocketAddress address) {
        return new DirectChannel(address instanceof DomainSocketAddress);
    }

    /** A connection that a {@link Listener} accepted, with the options it has from there. */
    static DirectChannel accepted(int fd, boolean isUnix, @Nullable SocketAddress remote) {
        return new DirectChannel(fd, isUnix, remote);
    }

    /** As {@link Sockets} does it with every connection by TCP. */
    void configure() {
        if (!isUnix()) {
            configureTcp();
        }
    }

    /** Who is at the other end of a unix socket; null when that is not known. */
    @Nullable PeerCredentials peer() {
        try {
            return isUnix() ? peerCredentials() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** What is read goes there from now on. */
    void readInto(Inlet to) {
        inlet = to;
    }

    @Override
    protected boolean readNow() {
        Inlet to = inlet;
        if (to == null
                || !isActive() // the number of its descriptor may be another's by now
                || isHungUp()
                || !(Thread.currentThread() instanceof LoopThread thread)) {
            return false;
        }
        boolean isDealtWith = false;
        try {
            isDealtWith = read(to, thread);
            to.receivedAll();
        } catch (IOException | RuntimeException e) {
            pipeline().fireExceptionCaught(e);
        }
        return isDealtWith;
    }

    private boolean read(Inlet to, LoopThread thread) throws IOException {
        Turn turn = thread.turn();
        for (int i = 0; i < MAX_READS; i++) {
            Chunk chunk = turn.take();
            try {
                int length = DirectCalls.receive((Socket) fd(), chunk.address(), chunk.capacity());
                if (length <= 0) {
                    return length != DirectCalls.END;
                }
                chunk.filled(length);
                to.received(chunk);
                if (length < chunk.capacity() || !isActive() || !config().isAutoRead()) {
                    return true;
                }
                if (length < Turn.BUFFER) {
                    turn.run(); // it is more than a query: the large chunk is wanted
                }
            } finally {
                chunk.release();
            }
        }
        readAgainSoon();
        return true;
    }
}
