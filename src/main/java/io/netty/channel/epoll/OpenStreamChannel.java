package io.netty.channel.epoll;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A connection, TCP or unix, that leaves to its subclass what is done when there is something to
 * read. It is in Netty's package because Netty shows nobody else its {@code epollInReady}; whatever
 * can be done elsewhere is done in the subclass. Everything but reading is Netty's own.
 */
public abstract class OpenStreamChannel extends AbstractEpollStreamChannel {
    /** Of a kind that lets one direction end before the other. */
    private final EpollDomainSocketChannelConfig config = new EpollDomainSocketChannelConfig(this);

    private EpollRecvByteAllocatorHandle handle;

    private final boolean isUnix;
    private final boolean isAccepted;

    // Where these are null, Netty knows them itself.
    private SocketAddress local;
    private SocketAddress remote;

    /** A new socket, to be connected. */
    protected OpenStreamChannel(boolean isUnix) {
        super(isUnix ? LinuxSocket.newSocketDomain() : LinuxSocket.newSocketStream(), false);
        this.isUnix = isUnix;
        isAccepted = false;
    }

    /**
     * A connection that was accepted.
     *
     * @param fd taken over
     * @param remote null when it is looked up once somebody asks
     */
    protected OpenStreamChannel(int fd, boolean isUnix, SocketAddress remote) {
        super(new LinuxSocket(fd), false);
        this.isUnix = isUnix;
        isAccepted = true;
        this.remote = remote;
        active = true;
    }

    /**
     * There may be something to read.
     *
     * @return whether it was dealt with; otherwise Netty reads into the pipeline, which is also the
     *     way to learn of the end and of errors
     */
    protected abstract boolean readNow();

    /**
     * The peer sends no more, or is gone: whatever is still to be read is followed by an end that
     * no event tells of any more.
     */
    protected final boolean isHungUp() {
        EpollRecvByteAllocatorHandle known = handle;
        if (known == null) {
            known = ((AbstractEpollUnsafe) unsafe()).recvBufAllocHandle();
            handle = known;
        }
        return known.isReceivedRdHup();
    }

    /** Not everything was read: {@link #readNow} is called again after what else is due. */
    protected final void readAgainSoon() {
        ((AbstractEpollUnsafe) unsafe()).executeEpollInReadyRunnable(config);
    }

    /** Otherwise it is TCP. */
    protected final boolean isUnix() {
        return isUnix;
    }

    /** Who is at the other end of a unix socket. */
    protected final PeerCredentials peerCredentials() throws IOException {
        return socket.getPeerCredentials();
    }

    /** Sends small messages at once, and looks from time to time whether the peer is there. */
    protected final void configureTcp() {
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
        } catch (IOException e) {
            // Closed by the peer already, which is going to be noticed.
        }
    }

    @Override
    public final EpollDomainSocketChannelConfig config() {
        return config;
    }

    @Override
    protected final AbstractEpollUnsafe newUnsafe() {
        return new OpenUnsafe();
    }

    @Override
    protected final boolean doConnect(SocketAddress to, SocketAddress from) throws Exception {
        boolean isConnected = super.doConnect(to, from);
        if (to instanceof DomainSocketAddress) {
            local = socket.localDomainSocketAddress();
        }
        return isConnected;
    }

    @Override
    protected final SocketAddress localAddress0() {
        if (local == null && isAccepted && isOpen()) {
            local = isUnix ? socket.localDomainSocketAddress() : socket.localAddress();
        }
        return local == null ? super.localAddress0() : local;
    }

    @Override
    protected final SocketAddress remoteAddress0() {
        if (remote == null && isAccepted && isUnix && isOpen()) {
            remote = socket.remoteDomainSocketAddress();
        }
        return remote == null ? super.remoteAddress0() : remote;
    }

    private final class OpenUnsafe extends EpollStreamUnsafe {
        @Override
        void epollInReady() {
            if (!readNow()) {
                super.epollInReady();
            }
        }
    }
}
