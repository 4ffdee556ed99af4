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
import java.util.List;
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
    private List<Path> links = List.of();

    private SocketFile(Path path, ServerSocketChannel channel, @Nullable Object fileKey) {
        this.path = path;
        this.channel = channel;
        this.fileKey = fileKey;
    }

    /** Whoever connects to {@code link} comes here from now on; nobody finds nothing meanwhile. */
    void linkedAs(Path link) throws IOException {
        Path fresh = link.resolveSibling(link.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, path.getFileName());
        Files.move(
                fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        links = List.of(link);
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
        for (Path link : links) {
            if (Files.isSymbolicLink(link)
                    && Files.readSymbolicLink(link).equals(path.getFileName())) {
                Files.deleteIfExists(link);
            }
        }
        if (Files.exists(path) && Objects.equals(fileKey, fileKey(path))) {
            Files.deleteIfExists(path);
        }
    }
}
