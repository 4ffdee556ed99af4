package io.pgnode.net;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.OpenServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A listener of the data path. Confined to its loop, as far as channels are. */
final class Listener extends OpenServerChannel {
    private final boolean isDirect;

    private Listener(boolean isUnix, boolean isDirect) {
        super(isUnix);
        this.isDirect = isDirect;
    }

    private Listener(int fd, boolean isUnix, boolean isDirect) {
        super(fd, isUnix);
        this.isDirect = isDirect;
    }

    /**
     * To be bound to {@code address}.
     *
     * @param isDirect its connections are {@linkplain DirectChannel direct}
     */
    static Listener at(SocketAddress address, boolean isDirect, ListenOptions options) {
        return new Listener(address instanceof DomainSocketAddress, isDirect).with(options);
    }

    /**
     * The same in place of one that listens there already.
     *
     * @param fd taken over
     */
    static Listener at(SocketAddress address, boolean isDirect, ListenOptions options, int fd) {
        return new Listener(fd, address instanceof DomainSocketAddress, isDirect).with(options);
    }

    private Listener with(ListenOptions options) {
        if (isUnix()) {
            return this;
        }
        try {
            reuseAddress();
            configureTcp();
            deferAccept(options.isDeferred() ? ListenOptions.SILENCE_SECONDS : 0);
        } catch (IOException e) {
            throw new IllegalStateException("cannot set the options of a listener", e);
        }
        if (options.isShared()) {
            share();
        }
        return this;
    }

    /** Others of the same user may listen on its port, too. */
    void share() {
        try {
            sharePort();
        } catch (IOException e) {
            throw new IllegalStateException("cannot share the port of a listener", e);
        }
    }

    @Override
    protected Channel accepted(int fd, @Nullable SocketAddress remote) {
        if (isDirect) {
            return DirectChannel.accepted(fd, isUnix(), remote);
        }
        return isUnix() ? new EpollDomainSocketChannel(fd) : new EpollSocketChannel(fd);
    }
}
