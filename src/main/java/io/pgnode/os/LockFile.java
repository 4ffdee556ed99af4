package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;

/**
 * An flock(2) on a file whose content its holder may change, shared with programs that remove the
 * file when they are done.
 *
 * <p>The kernel releases it when the process ends, however it ends. Used by one thread at a time.
 */
public final class LockFile implements AutoCloseable {
    private static final int MODE = 0640;

    private final Path path;
    private final int fd;
    private boolean open = true;

    private LockFile(Path path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    /**
     * @return empty when another process, or another part of this one, has the lock
     * @throws IOException when the file cannot be opened
     */
    public static Optional<LockFile> tryAcquire(Path path) throws IOException {
        while (true) {
            int fd = FileCalls.open(path, FileCalls.O_RDWR | FileCalls.O_CREAT, MODE);
            boolean acquired = false;
            try {
                if (!FileCalls.tryLock(fd)) {
                    return Optional.empty();
                }
                // Its last holder may have removed the file that was opened here.
                if (isAt(fd, path)) {
                    acquired = true;
                    return Optional.of(new LockFile(path, fd));
                }
            } finally {
                if (!acquired) {
                    FileCalls.close(fd);
                }
            }
        }
    }

    private static boolean isAt(int fd, Path path) throws IOException {
        try {
            return Objects.equals(identity(path), identity(opened(fd)));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Object identity(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino");
    }

    private static Path opened(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    /** Whether somebody has the lock now; no file is no lock. */
    public static boolean isHeld(Path path) throws IOException {
        if (!Files.exists(path)) {
            return false;
        }
        int fd;
        try {
            fd = FileCalls.open(path, FileCalls.O_RDWR, 0);
        } catch (ErrnoException e) {
            if (!Files.exists(path)) {
                return false;
            }
            throw e;
        }
        try {
            return !FileCalls.tryLock(fd);
        } finally {
            FileCalls.close(fd);
        }
    }

    public Path path() {
        return path;
    }

    /** Replaces the content; readers may see part of it. */
    public void write(byte[] content) throws IOException {
        if (!open) {
            throw new IOException("lock on " + path + " is released already");
        }
        // The file's name may be gone, the file is not.
        Files.write(
                opened(fd),
                content,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Releases the lock; the file stays, empty: who waits for it has it open. */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            FileCalls.truncate(fd);
        } catch (IOException e) {
            // What it says is of no use without the lock.
        }
        FileCalls.close(fd);
    }
}
