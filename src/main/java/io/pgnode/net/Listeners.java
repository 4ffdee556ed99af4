package io.pgnode.net;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The open listeners of some loops, and those that an earlier process left to this one: {@link
 * Sockets#listen} takes a listener from here before it opens another. Thread-safe.
 */
public final class Listeners {
    private static final Logger LOG = Logger.getLogger(Listeners.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Channel> open = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> inherited = new LinkedHashMap<>();

    /** A listener with the name of its address, which is the same in every process. */
    record Named(String name, Channel channel) {}

    /** Whether an earlier process left its listener of this address. */
    public boolean isInherited(SocketAddress address) {
        lock.lock();
        try {
            return inherited.containsKey(name(address));
        } finally {
            lock.unlock();
        }
    }

    void inherit(String name, FileDescriptor listener) {
        FileDescriptor before;
        lock.lock();
        try {
            before = inherited.put(name, listener);
        } finally {
            lock.unlock();
        }
        if (before != null) {
            close(name, before);
        }
    }

    @Nullable FileDescriptor claim(SocketAddress address) {
        lock.lock();
        try {
            return inherited.remove(name(address));
        } finally {
            lock.unlock();
        }
    }

    /** Nobody will listen on what was not claimed until now. */
    void closeUnclaimed() {
        Map<String, FileDescriptor> left;
        lock.lock();
        try {
            left = new LinkedHashMap<>(inherited);
            inherited.clear();
        } finally {
            lock.unlock();
        }
        left.forEach(Listeners::close);
    }

    /** Once it is bound. */
    void opened(SocketAddress address, Channel listener) {
        // A port of zero has become a number.
        SocketAddress bound = listener.localAddress();
        String name = name(bound == null ? address : bound);
        lock.lock();
        try {
            open.put(name, listener);
        } finally {
            lock.unlock();
        }
        listener.closeFuture().addListener(_ -> closed(name, listener));
    }

    private void closed(String name, Channel listener) {
        lock.lock();
        try {
            open.remove(name, listener);
        } finally {
            lock.unlock();
        }
    }

    List<Named> open() {
        lock.lock();
        try {
            return open.entrySet().stream()
                    .map(entry -> new Named(entry.getKey(), entry.getValue()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Accepts nothing more here. The sockets live on in the process that has them now, with those
     * who wait to be accepted; so do their files, which closing the channels would delete. Blocks
     * until the loops have done it; not to be called on one of them.
     */
    void giveUp() {
        for (Named listener : open()) {
            listener.channel().deregister().awaitUninterruptibly();
            close(listener.name(), ((UnixChannel) listener.channel()).fd());
            closed(listener.name(), listener.channel());
        }
    }

    private static void close(String name, FileDescriptor listener) {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debugf("cannot close listener %s: %s", name, e.getMessage());
        }
    }

    private static String name(SocketAddress address) {
        return switch (address) {
            case DomainSocketAddress unix -> "unix:" + unix.path().replace('\0', '@');
            case InetSocketAddress tcp ->
                    "tcp:"
                            + (tcp.isUnresolved()
                                    ? tcp.getHostString()
                                    : tcp.getAddress().isAnyLocalAddress()
                                            ? "*"
                                            : tcp.getAddress().getHostAddress())
                            + ":"
                            + tcp.getPort();
            default -> address.toString();
        };
    }
}
