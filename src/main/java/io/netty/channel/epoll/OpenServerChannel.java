package io.netty.channel.epoll;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.NativeInetAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A listener, TCP or unix, that leaves to its subclass what an accepted connection is. It is in
 * Netty's package because Netty's own listeners are final; what it does is what they do, but for
 * each connection it makes one channel, of the right kind, and asks the kernel nothing about it:
 * the options that all connections have are set here once, for they inherit them.
 */
public abstract class OpenServerChannel extends AbstractEpollServerChannel {
    private final EpollServerChannelConfig config = new EpollServerChannelConfig(this);
    private final boolean isUnix;

    // As it was bound; Netty knows that of TCP itself.
    private volatile DomainSocketAddress path;

    /** A new socket, to be bound. */
    protected OpenServerChannel(boolean isUnix) {
        super(isUnix ? LinuxSocket.newSocketDomain() : LinuxSocket.newSocketStream(), false);
        this.isUnix = isUnix;
    }

    /**
     * In place of one that listens already.
     *
     * @param fd taken over
     */
    protected OpenServerChannel(int fd, boolean isUnix) {
        super(new LinuxSocket(fd), true);
        this.isUnix = isUnix;
    }

    /**
     * A connection came.
     *
     * @param fd to be taken over
     * @param remote of a TCP connection; null for a unix socket
     */
    protected abstract Channel accepted(int fd, SocketAddress remote);

    /** Otherwise it is TCP. */
    public final boolean isUnix() {
        return isUnix;
    }

    /** May be bound though connections of an earlier listener are not over. */
    protected final void reuseAddress() throws IOException {
        socket.setReuseAddress(true);
    }

    /** Other sockets of the same user may be bound to the same port. */
    protected final void sharePort() throws IOException {
        socket.setReusePort(true);
    }

    /** Its connections send small messages at once, and look from time to time for the peer. */
    protected final void configureTcp() throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
    }

    /**
     * A TCP connection comes only with its first bytes, so that they are read at once.
     *
     * @param seconds after which the kernel asks a silent peer once more; zero for no such wait
     */
    protected final void deferAccept(int seconds) throws IOException {
        socket.setTcpDeferAccept(seconds);
    }

    @Override
    protected final Channel newChildChannel(int fd, byte[] address, int from, int length) {
        return accepted(fd, isUnix ? null : NativeInetAddress.address(address, from, length));
    }

    @Override
    protected final void doBind(SocketAddress address) throws Exception {
        if (isUnix) {
            socket.bind(address);
            path = (DomainSocketAddress) address;
        } else {
            super.doBind(address);
        }
        socket.listen(config.getBacklog());
        active = true;
    }

    @Override
    protected final SocketAddress localAddress0() {
        return isUnix ? path : super.localAddress0();
    }

    @Override
    protected final void doClose() throws Exception {
        DomainSocketAddress mine = path;
        try {
            super.doClose();
        } finally {
            if (mine != null) {
                Files.deleteIfExists(Path.of(mine.path()));
            }
        }
    }

    @Override
    public final EpollServerChannelConfig config() {
        return config;
    }
}
