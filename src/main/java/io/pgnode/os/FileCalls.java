package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Path;

/** Calls on file descriptors that Java does not offer. */
final class FileCalls {
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_CLOEXEC = 0x80000;
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final int POSIX_FADV_DONTNEED = 4;
    private static final int EXCLUSIVE_NOT_BLOCKING = 2 | 4;

    private FileCalls() {}

    /**
     * @param mode permission bits for a new file, less the umask
     */
    static int open(Path path, int flags, int mode) throws IOException {
        int fd = Libc.get().open(Libc.cString(path.toString()), flags | O_CLOEXEC, mode);
        if (fd < 0) {
            throw new ErrnoException("cannot open " + path, -fd);
        }
        return fd;
    }

    /** Closes; an error is of no use to anybody. */
    static void close(int fd) {
        int _ = Libc.get().close(fd);
    }

    /** Writes all bytes in one call; a short write is an error. */
    static void write(int fd, byte[] bytes) throws IOException {
        long written = Libc.get().write(fd, bytes);
        if (written < 0) {
            throw new ErrnoException("cannot write", (int) -written);
        }
        if (written != bytes.length) {
            throw new IOException("wrote only " + written + " of " + bytes.length + " bytes");
        }
    }

    static void truncate(int fd) throws IOException {
        int result = Libc.get().ftruncate(fd, 0);
        if (result < 0) {
            throw new ErrnoException("cannot truncate", -result);
        }
    }

    /** Makes the kernel start writing a part of the file; a hint, whose failure does not matter. */
    static void startWriting(int fd, long offset, long length) {
        int _ = Libc.get().syncFileRange(fd, offset, length, SYNC_FILE_RANGE_WRITE);
    }

    /** Makes the kernel drop what it has of the file and need not write any more; a hint. */
    static void forget(int fd) {
        int _ = Libc.get().fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    }

    /**
     * Takes the exclusive lock of the open file, which lasts until the descriptor is closed.
     *
     * @return false when another open file has it
     */
    static boolean tryLock(int fd) throws IOException {
        int result = Libc.get().flock(fd, EXCLUSIVE_NOT_BLOCKING);
        if (result == -Errno.EAGAIN) {
            return false;
        }
        if (result < 0) {
            throw new ErrnoException("cannot lock", -result);
        }
        return true;
    }

    /**
     * An ioctl whose argument is one int, read and written.
     *
     * @return the int after the call
     */
    static int ioctl(int fd, long request, int argument) throws IOException {
        int[] value = {argument};
        int result = Libc.get().ioctl(fd, request, value);
        if (result < 0) {
            throw new ErrnoException("ioctl 0x" + Long.toHexString(request) + " failed", -result);
        }
        return value[0];
    }

    /**
     * Waits until the descriptor can be read.
     *
     * @param timeoutMillis negative for no limit
     * @return false after the time, or when a signal came
     */
    static boolean awaitReadable(int fd, int timeoutMillis) {
        return Libc.get().pollReadable(fd, timeoutMillis) > 0;
    }
}
