package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link Libc} on the JVM. Functions are linked at their first call. */
final class ForeignLibc extends Libc {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final short POLLIN = 1;

    private static final Downcall CLOCK_GETTIME =
            Downcall.of("clock_gettime", JAVA_INT, JAVA_INT, ADDRESS);
    private static final Downcall OPEN =
            Downcall.variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final Downcall CLOSE = Downcall.of("close", JAVA_INT, JAVA_INT);
    private static final Downcall WRITE =
            Downcall.of("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final Downcall FTRUNCATE =
            Downcall.of("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final Downcall SYNC_FILE_RANGE =
            Downcall.of("sync_file_range", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final Downcall FADVISE =
            Downcall.of("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final Downcall FLOCK = Downcall.of("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final Downcall IOCTL =
            Downcall.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final Downcall POLL =
            Downcall.of("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final Downcall SOCKET =
            Downcall.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final Downcall SENDTO =
            Downcall.of(
                    "sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final Downcall GETEUID = Downcall.of("geteuid", JAVA_INT);
    private static final Downcall SETUID = Downcall.of("setuid", JAVA_INT, JAVA_INT);
    private static final Downcall SETGID = Downcall.of("setgid", JAVA_INT, JAVA_INT);
    private static final Downcall INITGROUPS =
            Downcall.of("initgroups", JAVA_INT, ADDRESS, JAVA_INT);
    private static final Downcall KILL = Downcall.of("kill", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final Downcall WAITPID =
            Downcall.of("waitpid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final Downcall MLOCKALL = Downcall.of("mlockall", JAVA_INT, JAVA_INT);
    private static final Downcall SCHED_SETSCHEDULER =
            Downcall.of("sched_setscheduler", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final Downcall SYSCALL =
            Downcall.variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);

    private interface Call {
        /** The result of the function, which sets {@code errno} when it is negative. */
        long run(Arena arena, MemorySegment errno) throws Throwable;
    }

    private static long call(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            long result = call.run(arena, errno);
            return result >= 0 ? result : -errno(errno);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("foreign call failed", e);
        }
    }

    private static int errno(MemorySegment state) {
        return state.get(
                ValueLayout.JAVA_INT,
                Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno")));
    }

    @Override
    long bootNanos() {
        return call(
                (arena, errno) -> {
                    MemorySegment time = arena.allocate(16, 8);
                    int result =
                            (int) CLOCK_GETTIME.handle().invokeExact(errno, CLOCK_BOOTTIME, time);
                    return result < 0
                            ? result
                            : time.get(JAVA_LONG, 0) * 1_000_000_000L + time.get(JAVA_LONG, 8);
                });
    }

    @Override
    int open(byte[] path, int flags, int mode) {
        return (int)
                call(
                        (arena, errno) ->
                                (int)
                                        OPEN.handle()
                                                .invokeExact(
                                                        errno, bytes(arena, path), flags, mode));
    }

    @Override
    int close(int fd) {
        return (int) call((arena, errno) -> (int) CLOSE.handle().invokeExact(errno, fd));
    }

    @Override
    long write(int fd, byte[] data) {
        return call(
                (arena, errno) ->
                        (long)
                                WRITE.handle()
                                        .invokeExact(
                                                errno, fd, bytes(arena, data), (long) data.length));
    }

    @Override
    int ftruncate(int fd, long length) {
        return (int)
                call((arena, errno) -> (int) FTRUNCATE.handle().invokeExact(errno, fd, length));
    }

    @Override
    int syncFileRange(int fd, long offset, long length, int flags) {
        return (int)
                call(
                        (arena, errno) ->
                                (int)
                                        SYNC_FILE_RANGE
                                                .handle()
                                                .invokeExact(errno, fd, offset, length, flags));
    }

    @Override
    int fadvise(int fd, long offset, long length, int advice) {
        return (int)
                call(
                        (arena, errno) ->
                                (int)
                                        FADVISE.handle()
                                                .invokeExact(errno, fd, offset, length, advice));
    }

    @Override
    int flock(int fd, int operation) {
        return (int) call((arena, errno) -> (int) FLOCK.handle().invokeExact(errno, fd, operation));
    }

    @Override
    int ioctl(int fd, long request, int[] argument) {
        return (int)
                call(
                        (arena, errno) -> {
                            MemorySegment value = arena.allocateFrom(JAVA_INT, argument[0]);
                            int result =
                                    (int) IOCTL.handle().invokeExact(errno, fd, request, value);
                            argument[0] = value.get(JAVA_INT, 0);
                            return result;
                        });
    }

    @Override
    int pollReadable(int fd, int timeoutMillis) {
        return (int)
                call(
                        (arena, errno) -> {
                            MemorySegment pollFd = arena.allocate(8, 4);
                            pollFd.set(JAVA_INT, 0, fd);
                            pollFd.set(JAVA_SHORT, 4, POLLIN);
                            return (int)
                                    POLL.handle().invokeExact(errno, pollFd, 1L, timeoutMillis);
                        });
    }

    @Override
    int socket(int domain, int type, int protocol) {
        return (int)
                call(
                        (arena, errno) ->
                                (int) SOCKET.handle().invokeExact(errno, domain, type, protocol));
    }

    @Override
    long sendto(int fd, byte[] data, int flags, byte[] address) {
        return call(
                (arena, errno) ->
                        (long)
                                SENDTO.handle()
                                        .invokeExact(
                                                errno,
                                                fd,
                                                bytes(arena, data),
                                                (long) data.length,
                                                flags,
                                                bytes(arena, address),
                                                address.length));
    }

    @Override
    int geteuid() {
        return (int) call((arena, errno) -> (int) GETEUID.handle().invokeExact(errno));
    }

    @Override
    int setuid(int uid) {
        return (int) call((arena, errno) -> (int) SETUID.handle().invokeExact(errno, uid));
    }

    @Override
    int setgid(int gid) {
        return (int) call((arena, errno) -> (int) SETGID.handle().invokeExact(errno, gid));
    }

    @Override
    int initgroups(byte[] user, int gid) {
        return (int)
                call(
                        (arena, errno) ->
                                (int)
                                        INITGROUPS
                                                .handle()
                                                .invokeExact(errno, bytes(arena, user), gid));
    }

    @Override
    int kill(int pid, int signal) {
        return (int) call((arena, errno) -> (int) KILL.handle().invokeExact(errno, pid, signal));
    }

    @Override
    int waitpid(int pid, int options) {
        return (int)
                call(
                        (arena, errno) ->
                                (int)
                                        WAITPID.handle()
                                                .invokeExact(
                                                        errno, pid, MemorySegment.NULL, options));
    }

    @Override
    int mlockall(int flags) {
        return (int) call((arena, errno) -> (int) MLOCKALL.handle().invokeExact(errno, flags));
    }

    @Override
    int schedSetscheduler(int thread, int policy, int priority) {
        return (int)
                call(
                        (arena, errno) -> {
                            MemorySegment parameter = arena.allocateFrom(JAVA_INT, priority);
                            return (int)
                                    SCHED_SETSCHEDULER
                                            .handle()
                                            .invokeExact(errno, thread, policy, parameter);
                        });
    }

    @Override
    int pidfdOpen(int pid) {
        return (int)
                call(
                        (arena, errno) ->
                                (long) SYSCALL.handle().invokeExact(errno, SYS_PIDFD_OPEN, pid, 0));
    }

    private static MemorySegment bytes(Arena arena, byte[] bytes) {
        return arena.allocateFrom(JAVA_BYTE, bytes);
    }
}
