package io.pgnode.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A new directory, in memory where that can be: for tests that do not test what is synced. */
public final class MemoryDirectory implements AutoCloseable {
    private final Path path;

    private MemoryDirectory(Path path) {
        this.path = path;
    }

    public static MemoryDirectory create(String name) throws IOException {
        Path memory = Path.of("/dev/shm");
        String prefix = "pgnode-" + name + "-";
        return new MemoryDirectory(
                Files.isWritable(memory)
                        ? Files.createTempDirectory(memory, prefix)
                        : Files.createTempDirectory(prefix));
    }

    public Path path() {
        return path;
    }

    /** Deletes a file or directory with all below it; none is well, too. */
    public static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        delete(path);
    }
}
