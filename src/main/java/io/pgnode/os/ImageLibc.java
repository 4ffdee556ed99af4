package io.pgnode.os;

import org.graalvm.nativeimage.PinnedObject;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.function.CFunction.Transition;
import org.graalvm.nativeimage.c.type.CIntPointer;
import org.graalvm.nativeimage.c.type.VoidPointer;
import org.graalvm.word.WordFactory;

/**
 * {@link Libc} in a native image. Buffers are pinned arrays: virtual threads may not have them on
 * the stack.
 */
final class ImageLibc extends Libc {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long SYS_PIDFD_OPEN = 434;

    /** The field events of struct pollfd, and revents above it: all our CPUs are little-endian. */
    private static final int POLLIN = 1;

    @Override
    long bootNanos() {
        long[] time = new long[2];
        try (PinnedObject pinned = PinnedObject.create(time)) {
            int result = clock_gettime(CLOCK_BOOTTIME, pinned.addressOfArrayElement(0));
            return result < 0 ? -errno() : time[0] * 1_000_000_000L + time[1];
        }
    }

    @Override
    int open(byte[] path, int flags, int mode) {
        try (PinnedObject pinned = PinnedObject.create(path)) {
            return checked(open(pinned.addressOfArrayElement(0), flags, mode));
        }
    }

    @Override
    int close(int fd) {
        return checked(close0(fd));
    }

    @Override
    long write(int fd, byte[] data) {
        try (PinnedObject pinned = PinnedObject.create(data)) {
            long result = write(fd, address(pinned, data), data.length);
            return result < 0 ? -errno() : result;
        }
    }

    @Override
    int ftruncate(int fd, long length) {
        return checked(ftruncate0(fd, length));
    }

    @Override
    int syncFileRange(int fd, long offset, long length, int flags) {
        return checked(sync_file_range(fd, offset, length, flags));
    }

    @Override
    int fadvise(int fd, long offset, long length, int advice) {
        return posix_fadvise(fd, offset, length, advice);
    }

    @Override
    int flock(int fd, int operation) {
        return checked(flock0(fd, operation));
    }

    @Override
    int ioctl(int fd, long request, int[] argument) {
        try (PinnedObject pinned = PinnedObject.create(argument)) {
            return checked(ioctl(fd, request, pinned.addressOfArrayElement(0)));
        }
    }

    @Override
    int pollReadable(int fd, int timeoutMillis) {
        int[] pollFd = {fd, POLLIN};
        try (PinnedObject pinned = PinnedObject.create(pollFd)) {
            return checked(poll(pinned.addressOfArrayElement(0), 1, timeoutMillis));
        }
    }

    @Override
    int socket(int domain, int type, int protocol) {
        return checked(socket0(domain, type, protocol));
    }

    @Override
    long sendto(int fd, byte[] data, int flags, byte[] address) {
        try (PinnedObject pinned = PinnedObject.create(data);
                PinnedObject to = PinnedObject.create(address)) {
            long result =
                    sendto(
                            fd,
                            address(pinned, data),
                            data.length,
                            flags,
                            to.addressOfArrayElement(0),
                            address.length);
            return result < 0 ? -errno() : result;
        }
    }

    @Override
    int geteuid() {
        return geteuid0();
    }

    @Override
    int setuid(int uid) {
        return checked(setuid0(uid));
    }

    @Override
    int setgid(int gid) {
        return checked(setgid0(gid));
    }

    @Override
    int initgroups(byte[] user, int gid) {
        try (PinnedObject pinned = PinnedObject.create(user)) {
            return checked(initgroups(pinned.addressOfArrayElement(0), gid));
        }
    }

    @Override
    int kill(int pid, int signal) {
        return checked(kill0(pid, signal));
    }

    @Override
    int waitpid(int pid, int options) {
        return checked(waitpid(pid, WordFactory.nullPointer(), options));
    }

    @Override
    int mlockall(int flags) {
        return checked(mlockall0(flags));
    }

    @Override
    int schedSetscheduler(int thread, int policy, int priority) {
        int[] parameter = {priority};
        try (PinnedObject pinned = PinnedObject.create(parameter)) {
            return checked(sched_setscheduler(thread, policy, pinned.addressOfArrayElement(0)));
        }
    }

    @Override
    int pidfdOpen(int pid) {
        long result = syscall(SYS_PIDFD_OPEN, pid, 0);
        return result < 0 ? -errno() : (int) result;
    }

    private static VoidPointer address(PinnedObject pinned, byte[] data) {
        return data.length == 0 ? WordFactory.nullPointer() : pinned.addressOfArrayElement(0);
    }

    private static int checked(int result) {
        return result < 0 ? -errno() : result;
    }

    private static int errno() {
        return __errno_location().read();
    }

    @CFunction(value = "__errno_location", transition = Transition.NO_TRANSITION)
    private static native CIntPointer __errno_location();

    @CFunction(value = "clock_gettime", transition = Transition.NO_TRANSITION)
    private static native int clock_gettime(int clock, VoidPointer time);

    @CFunction("open")
    private static native int open(VoidPointer path, int flags, int mode);

    @CFunction("close")
    private static native int close0(int fd);

    @CFunction("write")
    private static native long write(int fd, VoidPointer data, long length);

    @CFunction("ftruncate")
    private static native int ftruncate0(int fd, long length);

    @CFunction("sync_file_range")
    private static native int sync_file_range(int fd, long offset, long length, int flags);

    @CFunction("posix_fadvise")
    private static native int posix_fadvise(int fd, long offset, long length, int advice);

    @CFunction("flock")
    private static native int flock0(int fd, int operation);

    @CFunction("ioctl")
    private static native int ioctl(int fd, long request, VoidPointer argument);

    @CFunction("poll")
    private static native int poll(VoidPointer descriptors, long count, int timeoutMillis);

    @CFunction("socket")
    private static native int socket0(int domain, int type, int protocol);

    @CFunction("sendto")
    private static native long sendto(
            int fd,
            VoidPointer data,
            long length,
            int flags,
            VoidPointer address,
            int addressLength);

    @CFunction(value = "geteuid", transition = Transition.NO_TRANSITION)
    private static native int geteuid0();

    @CFunction("setuid")
    private static native int setuid0(int uid);

    @CFunction("setgid")
    private static native int setgid0(int gid);

    @CFunction("initgroups")
    private static native int initgroups(VoidPointer user, int gid);

    @CFunction("kill")
    private static native int kill0(int pid, int signal);

    @CFunction("waitpid")
    private static native int waitpid(int pid, VoidPointer status, int options);

    @CFunction("mlockall")
    private static native int mlockall0(int flags);

    @CFunction("sched_setscheduler")
    private static native int sched_setscheduler(int thread, int policy, VoidPointer parameter);

    @CFunction("syscall")
    private static native long syscall(long number, int first, int second);
}
