package io.pgnode.feed;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listening unix socket with its file, mode 0600. The file of an earlier process is replaced; at
 * the end ours goes, unless a successor has put its own there meanwhile.
 */
final class SocketFile implements AutoCloseable {
    private final Path path;
    private final ServerSocketChannel channel;
    private final @Nullable Object fileKey;
    private @Nullable Path link;
    private @Nullable Path before;

    private SocketFile(Path path, ServerSocketChannel channel, @Nullable Object fileKey) {
        this.path = path;
        this.channel = channel;
        this.fileKey = fileKey;
    }

    /**
     * Whoever connects to {@code link} comes here from now on; nobody finds nothing meanwhile. When
     * this socket is closed, the link leads where it led before, if anybody listens there still.
     */
    void linkedAs(Path wanted) throws IOException {
        before = Files.isSymbolicLink(wanted) ? Files.readSymbolicLink(wanted) : null;
        link = wanted;
        point(wanted, path.getFileName());
    }

    private static void point(Path link, Path target) throws IOException {
        Path fresh = link.resolveSibling(link.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, target);
        Files.move(
                fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void leaveLink() throws IOException {
        Path mine = link;
        if (mine == null
                || !Files.isSymbolicLink(mine)
                || !Files.readSymbolicLink(mine).equals(path.getFileName())) {
            return;
        }
        Path earlier = before;
        if (earlier != null && Files.exists(mine.resolveSibling(earlier))) {
            point(mine, earlier);
        } else {
            Files.deleteIfExists(mine);
        }
    }

    /**
     * @param path at most 107 bytes, in a directory that nobody else may enter
     * @return listening, not blocking
     */
    static SocketFile listen(Path path) throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            channel.configureBlocking(false);
            return new SocketFile(path, channel, fileKey(path));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable Object fileKey(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    ServerSocketChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        leaveLink();
        if (Files.exists(path) && Objects.equals(fileKey, fileKey(path))) {
            Files.deleteIfExists(path);
        }
    }
}
