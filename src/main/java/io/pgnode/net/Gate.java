package io.pgnode.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of one service, with the files of those on unix sockets, and a limit to the
 * connections that it has at once: more wait in the kernel. Thread-safe; {@link #open} and {@link
 * #close} block, and are not for event loops.
 */
public final class Gate {
    private static final Logger LOG = Logger.getLogger(Gate.class);

    private static final int FOR_ALL = 0777;

    /** Stands for no file. */
    private static final Path NONE = Path.of("");

    private final EventLoops loops;
    private final Function<SocketAddress, ChannelFuture> listen;

    /** Held while a loop is waited for, and so never taken on one. */
    private final ReentrantLock opening = new ReentrantLock();

    private final Map<Channel, Path> files = new LinkedHashMap<>();
    private volatile List<Channel> open = List.of();

    private final ReentrantLock lock = new ReentrantLock();
    private int connections;
    private int limit;
    private boolean isPaused;

    /**
     * @param listen begins to listen
     * @param limit of {@link #entered}
     */
    public Gate(EventLoops loops, Function<SocketAddress, ChannelFuture> listen, int limit) {
        this.loops = loops;
        this.listen = listen;
        this.limit = limit;
    }

    /** Without a limit. */
    public Gate(EventLoops loops, Function<SocketAddress, ChannelFuture> listen) {
        this(loops, listen, Integer.MAX_VALUE);
    }

    /**
     * @param mode of a unix socket's file
     * @throws IOException names the address
     */
    public void open(SocketAddress address, int mode) throws IOException {
        opening.lock();
        try {
            makeRoom(loops, address);
            ChannelFuture bound = listen.apply(address).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                throw Listeners.refused(address, bound.cause());
            }
            Path file = file(address);
            files.put(bound.channel(), file == null ? NONE : file);
            open = List.copyOf(files.keySet());
            if (file != null) {
                Files.setPosixFilePermissions(file, permissions(mode));
            }
        } finally {
            opening.unlock();
        }
    }

    /**
     * Listens on all of these, or on none when one of them cannot be had; everybody on the host may
     * connect to unix sockets.
     *
     * @param who wants it, for the error message
     * @param binds as for {@link Sockets#address}
     */
    public void open(String who, List<String> binds) throws IOException {
        try {
            for (String bind : binds) {
                open(Sockets.address(bind), FOR_ALL);
            }
        } catch (IOException e) {
            close();
            throw new IOException(who + " " + e.getMessage(), e);
        }
    }

    /** A socket's file that nobody answers on any more was left behind, and goes. */
    static void makeRoom(EventLoops loops, SocketAddress address) throws IOException {
        Path file = file(address);
        if (file == null
                || loops.listeners().isKnown(address)
                || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("cannot listen on " + file + ": it exists and is no socket");
        }
        if (isAnswered(file)) {
            throw new IOException("unix socket is in use, cannot continue: " + file);
        }
        Files.delete(file);
    }

    private static @Nullable Path file(SocketAddress address) {
        return address instanceof DomainSocketAddress unix && unix.path().startsWith("/")
                ? Path.of(unix.path())
                : null;
    }

    /** Whether somebody listens on the unix socket with this file. */
    public static boolean isAnswered(Path file) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(file));
        } catch (IOException e) {
            return false;
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> result = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                result.add(all[i]);
            }
        }
        return result;
    }

    /** Takes no further connections; those that entered go on. */
    public void close() {
        open = List.of();
        opening.lock();
        try {
            files.forEach(
                    (channel, file) -> {
                        if (loops.listeners().close(channel) && !file.equals(NONE)) {
                            delete(file);
                        }
                    });
            files.clear();
        } finally {
            opening.unlock();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warnf("cannot delete %s: %s", file, e.getMessage());
        }
    }

    public boolean isOpen() {
        return !open.isEmpty();
    }

    /** How many addresses it listens on. */
    public int size() {
        return open.size();
    }

    /** Port of its first TCP listener; zero for none. */
    public int port() {
        return open.stream()
                .map(Channel::localAddress)
                .filter(InetSocketAddress.class::isInstance)
                .mapToInt(address -> ((InetSocketAddress) address).getPort())
                .findFirst()
                .orElse(0);
    }

    // ---------------------------------------------------------------- the limit

    /** A connection was accepted. */
    public void entered() {
        count(1);
    }

    /** One that had entered is over. */
    public void left() {
        count(-1);
    }

    private void count(int more) {
        lock.lock();
        try {
            connections += more;
            pauseWhenFull();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void pauseWhenFull() {
        boolean isFull = connections >= limit;
        if (isFull != isPaused) {
            isPaused = isFull;
            open.forEach(each -> each.config().setAutoRead(!isFull));
        }
    }

    /** How many have entered and not left. */
    public int connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    public int limit() {
        lock.lock();
        try {
            return limit;
        } finally {
            lock.unlock();
        }
    }

    public void limit(int wanted) {
        lock.lock();
        try {
            limit = wanted;
            pauseWhenFull();
        } finally {
            lock.unlock();
        }
    }
}
