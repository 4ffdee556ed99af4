package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** File descriptors by hand, where the JDK has no way: flock, ioctl, poll of a pidfd. */
final class FileCalls {
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;

    private static final Downcall OPEN =
            Downcall.variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final Downcall CLOSE = Downcall.of("close", JAVA_INT, JAVA_INT);
    private static final Downcall WRITE =
            Downcall.of("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final Downcall FTRUNCATE =
            Downcall.of("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final Downcall FLOCK = Downcall.of("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final Downcall IOCTL =
            Downcall.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final Downcall POLL =
            Downcall.of("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private FileCalls() {}

    /**
     * @param mode permission bits for a new file, less the umask
     */
    static int open(Path path, int flags, int mode) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            MemorySegment name = arena.allocateFrom(path.toString());
            int fd = (int) OPEN.handle().invokeExact(errno, name, flags | O_CLOEXEC, mode);
            if (fd < 0) {
                throw new ErrnoException("cannot open " + path, Errno.read(errno));
            }
            return fd;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    /** Closes; an error is of no use to anybody. */
    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) CLOSE.handle().invokeExact(Errno.allocate(arena), fd);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    /** Writes all bytes in one call; a short write is an error. */
    static void write(int fd, byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            MemorySegment data = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_BYTE, bytes);
            long written = (long) WRITE.handle().invokeExact(errno, fd, data, (long) bytes.length);
            if (written != bytes.length) {
                throw new ErrnoException("cannot write", Errno.read(errno));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    static void truncate(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            int result = (int) FTRUNCATE.handle().invokeExact(errno, fd, 0L);
            if (result != 0) {
                throw new ErrnoException("cannot truncate", Errno.read(errno));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    /**
     * Takes the exclusive lock of the open file, which lasts until the descriptor is closed.
     *
     * @return false when another open file has it
     */
    static boolean tryLock(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            int exclusiveNotBlocking = 2 | 4;
            int result = (int) FLOCK.handle().invokeExact(errno, fd, exclusiveNotBlocking);
            if (result == 0) {
                return true;
            }
            if (Errno.read(errno) == Errno.EAGAIN) {
                return false;
            }
            throw new ErrnoException("cannot lock", Errno.read(errno));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    /**
     * An ioctl whose argument is one int, read and written.
     *
     * @return the int after the call
     */
    static int ioctl(int fd, long request, int argument) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            MemorySegment value = arena.allocateFrom(JAVA_INT, argument);
            int result = (int) IOCTL.handle().invokeExact(errno, fd, request, value);
            if (result < 0) {
                throw new ErrnoException(
                        "ioctl 0x" + Long.toHexString(request) + " failed", Errno.read(errno));
            }
            return value.get(JAVA_INT, 0);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    /**
     * Waits until the descriptor can be read.
     *
     * @param timeoutMillis negative for no limit
     * @return false after the time, or when a signal came
     */
    static boolean awaitReadable(int fd, int timeoutMillis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollFd = arena.allocate(8, 4);
            pollFd.set(JAVA_INT, 0, fd);
            pollFd.set(JAVA_SHORT, 4, POLLIN);
            int ready =
                    (int)
                            POLL.handle()
                                    .invokeExact(Errno.allocate(arena), pollFd, 1L, timeoutMillis);
            return ready > 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }
}
