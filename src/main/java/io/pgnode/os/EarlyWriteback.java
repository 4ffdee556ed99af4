package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes the kernel write a growing file to the disk while it grows, so that the fsync at the end
 * waits for little. Of no effect on correctness, and silent where it does not work. One thread.
 */
public final class EarlyWriteback implements AutoCloseable {
    private static final int NOT_OPEN = -1;

    private final Path path;
    private final long step;
    private int fd = NOT_OPEN;
    private boolean isOff;
    private long started;

    /**
     * @param step bytes; what is less is left to the kernel
     */
    public EarlyWriteback(Path path, long step) {
        this.path = path;
        this.step = step;
    }

    /** Says that the file is written up to here. */
    public void written(long end) {
        if (end - started >= step && !isOff && isOpen()) {
            FileCalls.startWriting(fd, started, end - started);
            started = end;
        }
    }

    /**
     * Says that the file is on the disk and will not be read soon: the memory that it takes is
     * better left to others. Nothing happens when it has less than {@code step} bytes.
     */
    public void forget() {
        if (started > 0 && !isOff && isOpen()) {
            FileCalls.forget(fd);
        }
    }

    private boolean isOpen() {
        if (fd == NOT_OPEN) {
            try {
                fd = FileCalls.open(path, FileCalls.O_WRONLY, 0);
            } catch (IOException e) {
                isOff = true;
            }
        }
        return !isOff;
    }

    @Override
    public void close() {
        if (fd != NOT_OPEN) {
            FileCalls.close(fd);
            fd = NOT_OPEN;
            isOff = true;
        }
    }
}
