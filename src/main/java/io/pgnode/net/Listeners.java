package io.pgnode.net;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The open listeners of some loops, and those that an earlier process, or who listened before in
 * this one, left to the next: {@link Sockets#listen} takes a listener from here before it opens
 * another. Thread-safe.
 */
public final class Listeners {
    private static final Logger LOG = Logger.getLogger(Listeners.class);

    private static final String UNIX = "unix:";

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Channel> open = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> inherited = new LinkedHashMap<>();

    /** Channels whose sockets are others' by now; they must not be closed. */
    private final Set<Channel> given = Collections.newSetFromMap(new WeakHashMap<>());

    private Set<String> kept = Set.of();

    /** A listener with the name of its address, which is the same in every process. */
    record Named(String name, Channel channel) {}

    /** That nobody can listen there, and why. */
    static IOException refused(SocketAddress address, Throwable why) {
        return new IOException("cannot listen on " + text(address) + ": " + why.getMessage(), why);
    }

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

    /**
     * Nobody will listen on what was not claimed until now.
     *
     * @return its files
     */
    List<Path> closeUnclaimed() {
        Map<String, FileDescriptor> left;
        lock.lock();
        try {
            left = new LinkedHashMap<>(inherited);
            inherited.clear();
        } finally {
            lock.unlock();
        }
        left.forEach(Listeners::close);
        return left.keySet().stream()
                .filter(name -> name.startsWith(UNIX + "/"))
                .map(name -> Path.of(name.substring(UNIX.length())))
                .toList();
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

    /**
     * Closes a listener, and deletes its file when it is a unix socket; unless it is {@linkplain
     * #keep kept}: then it waits for the next who listens there. Blocks until its loop has done it;
     * not to be called on that loop.
     *
     * @return false when socket and file belong to another one by now
     */
    public boolean close(Channel listener) {
        String name = nameOf(listener);
        // Netty would delete the file of a channel whose descriptor is closed.
        if (!isOurs(listener)) {
            return false;
        }
        if (name == null || !isKept(name)) {
            listener.close().awaitUninterruptibly();
            return true;
        }
        listener.deregister().awaitUninterruptibly();
        lock.lock();
        try {
            given.add(listener);
            open.remove(name, listener);
        } finally {
            lock.unlock();
        }
        inherit(name, ((UnixChannel) listener).fd());
        return false;
    }

    /** Whether it is open, and was given to nobody. */
    public boolean isOurs(Channel listener) {
        lock.lock();
        try {
            return listener.isOpen() && !given.contains(listener);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable String nameOf(Channel listener) {
        return open().stream()
                .filter(one -> one.channel().equals(listener))
                .map(Named::name)
                .findFirst()
                .orElse(null);
    }

    /** The listeners of these addresses outlive whoever has them now. */
    void keep(Set<SocketAddress> addresses) {
        lock.lock();
        try {
            kept = addresses.stream().map(Listeners::name).collect(Collectors.toUnmodifiableSet());
        } finally {
            lock.unlock();
        }
    }

    private boolean isKept(String name) {
        lock.lock();
        try {
            return kept.contains(name);
        } finally {
            lock.unlock();
        }
    }

    /** Whether this process listens there, or will as soon as somebody wants it. */
    boolean isKnown(SocketAddress address) {
        String name = name(address);
        lock.lock();
        try {
            return open.containsKey(name) || inherited.containsKey(name);
        } finally {
            lock.unlock();
        }
    }

    /** What this process listens on with that port, at any address. */
    List<Listener> withPort(int port) {
        return open().stream()
                .map(Named::channel)
                .filter(Listener.class::isInstance)
                .map(Listener.class::cast)
                .filter(
                        listener ->
                                listener.localAddress() instanceof InetSocketAddress tcp
                                        && tcp.getPort() == port)
                .toList();
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
            case DomainSocketAddress _ -> UNIX + text(address);
            case InetSocketAddress _ -> "tcp:" + text(address);
            default -> text(address);
        };
    }

    /** As in a configuration: {@code *:5433}, or a path. */
    public static String text(SocketAddress address) {
        return switch (address) {
            case DomainSocketAddress unix -> unix.path().replace('\0', '@');
            case InetSocketAddress tcp ->
                    (tcp.isUnresolved()
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
