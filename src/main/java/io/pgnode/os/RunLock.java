package io.pgnode.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Lets only one process at a time do a job: an flock(2) on a file that names its holder.
 *
 * <p>The kernel releases it when the process ends, however it ends. The file itself stays: deleting
 * it would let two processes lock two files of the same name.
 */
public final class RunLock implements AutoCloseable {
    private static final int OWNER_READ_WRITE = 0600;

    private final int fd;
    private boolean open = true;

    private RunLock(int fd) {
        this.fd = fd;
    }

    /**
     * @return empty when another process, or another part of this one, has the lock; see {@link
     *     #holder}
     * @throws IOException when the file cannot be opened or written
     */
    public static Optional<RunLock> tryAcquire(Path path) throws IOException {
        int fd = FileCalls.open(path, FileCalls.O_RDWR | FileCalls.O_CREAT, OWNER_READ_WRITE);
        boolean acquired = false;
        try {
            if (!FileCalls.tryLock(fd)) {
                return Optional.empty();
            }
            FileCalls.truncate(fd);
            FileCalls.write(
                    fd, (ProcessIdentity.self() + "\n").getBytes(StandardCharsets.US_ASCII));
            acquired = true;
            return Optional.of(new RunLock(fd));
        } finally {
            if (!acquired) {
                FileCalls.close(fd);
            }
        }
    }

    /**
     * The live process that holds the lock, stopped ones too; empty when there is none, or it has
     * the lock since this very moment and has not written its name yet.
     */
    public static Optional<ProcessIdentity> holder(Path path) {
        try {
            return ProcessIdentity.parse(Files.readString(path, StandardCharsets.US_ASCII))
                    .filter(ProcessIdentity::isAlive);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Releases the lock. */
    @Override
    public synchronized void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            FileCalls.truncate(fd);
        } catch (IOException e) {
            // The name left behind is that of this process, which will be gone.
        }
        FileCalls.close(fd);
    }
}
