package io.pgnode.os;

import java.nio.charset.StandardCharsets;

/**
 * The functions of the C library that this room needs.
 *
 * <p>As in the kernel's own interface, a negative result is the negated error number (see {@link
 * Errno}). On the JVM they are linked through the foreign function interface, in a native image
 * through the image's own C interface: not every builder of images has the former.
 */
abstract class Libc {
    /**
     * Set while an image is built and in the image, so that one of the two classes is never reached
     * in it.
     */
    private static final boolean IN_IMAGE =
            System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    private static final class Holder {
        static final Libc INSTANCE = IN_IMAGE ? new ImageLibc() : new ForeignLibc();
    }

    static Libc get() {
        return Holder.INSTANCE;
    }

    /** With its final zero. */
    static byte[] cString(String text) {
        return (text + '\0').getBytes(StandardCharsets.UTF_8);
    }

    /** CLOCK_BOOTTIME in nanoseconds. */
    abstract long bootNanos();

    abstract int open(byte[] path, int flags, int mode);

    abstract int close(int fd);

    abstract long write(int fd, byte[] data);

    abstract int ftruncate(int fd, long length);

    /** sync_file_range(2). */
    abstract int syncFileRange(int fd, long offset, long length, int flags);

    /** posix_fadvise(2), which returns its error. */
    abstract int fadvise(int fd, long offset, long length, int advice);

    abstract int flock(int fd, int operation);

    /** {@code argument} holds one int, read and written. */
    abstract int ioctl(int fd, long request, int[] argument);

    /**
     * Waits until {@code fd} can be read; one when it can, zero after the time; negative time for
     * no limit.
     */
    abstract int pollReadable(int fd, int timeoutMillis);

    abstract int socket(int domain, int type, int protocol);

    abstract long sendto(int fd, byte[] data, int flags, byte[] address);

    abstract int geteuid();

    abstract int setuid(int uid);

    abstract int setgid(int gid);

    abstract int initgroups(byte[] user, int gid);

    abstract int kill(int pid, int signal);

    /** Without the status; the pid when it was collected, zero when it has not ended. */
    abstract int waitpid(int pid, int options);

    abstract int mlockall(int flags);

    /** Of a thread; zero for the calling one. */
    abstract int schedSetscheduler(int thread, int policy, int priority);

    abstract int pidfdOpen(int pid);
}
