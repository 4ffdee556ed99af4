package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The open listeners of one entrance, and the files of those on unix sockets. Blocking; confined to
 * one thread or a lock.
 */
final class BindAddresses {
    private static final Logger LOG = Logger.getLogger(BindAddresses.class);

    private final Function<SocketAddress, ChannelFuture> listen;
    private final Map<Channel, Path> open = new LinkedHashMap<>();

    /** Stands for no file. */
    private static final Path NONE = Path.of("");

    /**
     * @param listen begins to listen
     */
    BindAddresses(Function<SocketAddress, ChannelFuture> listen) {
        this.listen = listen;
    }

    /**
     * @param mode of a unix socket's file
     * @throws IOException names the address
     */
    void open(SocketAddress address, int mode) throws IOException {
        boolean isFile = address instanceof DomainSocketAddress unix && unix.path().startsWith("/");
        Path path = isFile ? Path.of(((DomainSocketAddress) address).path()) : NONE;
        if (isFile && Files.exists(path)) {
            if (isAnswered(path)) {
                throw new IOException("cannot listen on " + path + ": another process does");
            }
            Files.delete(path);
        }
        ChannelFuture bound = listen.apply(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + name(address) + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        open.put(bound.channel(), path);
        if (isFile) {
            Files.setPosixFilePermissions(path, permissions(mode));
        }
    }

    private static String name(SocketAddress address) {
        return address instanceof DomainSocketAddress unix
                ? unix.path()
                : address.toString().replaceFirst("^.*/", "");
    }

    /** Whether somebody listens; a file that was left behind refuses. */
    private static boolean isAnswered(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
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

    List<Channel> channels() {
        return List.copyOf(open.keySet());
    }

    /** Takes no further clients. */
    void close() {
        open.forEach(
                (channel, path) -> {
                    channel.close().awaitUninterruptibly();
                    try {
                        if (!path.equals(NONE)) {
                            Files.deleteIfExists(path);
                        }
                    } catch (IOException e) {
                        LOG.warnf("cannot delete %s: %s", path, e.getMessage());
                    }
                });
        open.clear();
    }
}
