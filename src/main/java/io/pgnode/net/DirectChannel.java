package io.pgnode.net;

import io.netty.channel.Channel;
import io.netty.channel.epoll.OpenStreamChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection with a short way from the kernel to a session: once it has an {@link Inlet}, what
 * comes is read into its loop's buffer and handed over by one call. Until then, and whenever
 * something unusual is under way (the end, an error, a loop of others), reading goes through the
 * pipeline as with any channel; so a session is both, an inlet and a handler. What is large may go
 * on to another connection without being read at all.
 *
 * <p>Confined to its loop, as far as channels are.
 */
final class DirectChannel extends OpenStreamChannel {
    /** Full buffers taken in a row before other connections have their turn. */
    private static final int MAX_READS = 16;

    /** So much at once, and what comes next is large, too, as a rule. */
    private static final int LARGE = 2 * LoopThread.BUFFER;

    /** So little at once is not worth the calls that splicing takes. */
    private static final int SMALL = LoopThread.BUFFER / 4;

    private final boolean isUnix;
    private @Nullable Inlet inlet;
    private @Nullable Outlet target;
    private boolean isLarge;

    private DirectChannel(boolean isUnix) {
        super(isUnix);
        this.isUnix = isUnix;
    }

    private DirectChannel(Channel accepted, int fd) {
        super(fd, accepted.localAddress(), accepted.remoteAddress());
        isUnix = accepted.localAddress() instanceof DomainSocketAddress;
    }

    /** To be connected to {@code address}. */
    static DirectChannel to(SocketAddress address) {
        return new DirectChannel(address instanceof DomainSocketAddress);
    }

    /** In place of a channel that was accepted and has no loop yet, and must not be used. */
    static Channel of(Channel accepted) {
        return accepted instanceof UnixChannel unix
                ? new DirectChannel(accepted, unix.fd().intValue())
                : accepted;
    }

    /** As {@link Sockets} does it with every connection by TCP. */
    void configure() {
        if (!isUnix) {
            configureTcp();
        }
    }

    /** Who is at the other end of a unix socket; null when that is not known. */
    @Nullable PeerCredentials peer() {
        try {
            return isUnix ? peerCredentials() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** What is read goes there from now on. */
    void readInto(Inlet to) {
        inlet = to;
    }

    /** Large amounts may go there. */
    void spliceTo(Outlet other) {
        target = other;
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
            isDealtWith = isLarge ? splice(to, thread) : read(to, thread);
            to.receivedAll();
        } catch (IOException | RuntimeException e) {
            pipeline().fireExceptionCaught(e);
        }
        return isDealtWith;
    }

    private boolean read(Inlet to, LoopThread thread) throws IOException {
        for (int i = 0; i < MAX_READS; i++) {
            Chunk chunk = thread.take();
            try {
                int length = DirectCalls.receive((Socket) fd(), chunk.address(), LoopThread.BUFFER);
                if (length <= 0) {
                    return length != DirectCalls.END;
                }
                chunk.filled(length);
                isLarge =
                        target != null
                                && (i + 1) * LoopThread.BUFFER >= LARGE
                                && length == LoopThread.BUFFER;
                to.received(chunk);
                if (length < LoopThread.BUFFER || !isActive() || !config().isAutoRead()) {
                    return true;
                }
            } finally {
                chunk.release();
            }
        }
        readAgainSoon();
        return true;
    }

    /** As {@link #read}, as far as possible inside the kernel. */
    private boolean splice(Inlet to, LoopThread thread) throws IOException {
        Outlet outlet = target;
        Socket socket = outlet == null ? null : outlet.idleSocket();
        if (outlet == null || socket == null) {
            return read(to, thread); // behind what waits there
        }
        int all = 0;
        for (int i = 0; i < MAX_READS; i++) {
            Chunk rest = thread.take();
            try {
                int moved = thread.splicer().move(fd(), socket, rest);
                if (moved > 0) {
                    all += moved;
                    to.passed(moved);
                }
                if (rest.length() > 0) {
                    to.received(rest);
                    readAgainSoon(); // unless what waits now stops that
                    return true;
                }
                if (moved == 0) {
                    isLarge = all >= SMALL;
                    return true; // an end is told by an event of its own
                }
            } catch (Splicer.TargetBroken e) {
                outlet.broke(e);
                return true;
            } finally {
                rest.release();
            }
            if (!isActive() || !config().isAutoRead()) {
                return true;
            }
        }
        readAgainSoon();
        return true;
    }
}
