package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Datagrams over unix sockets, which the JDK does not have. */
final class SocketCalls {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int MSG_NOSIGNAL_DONTWAIT = 0x4000 | 0x40;

    /** Size of sun_path on Linux. */
    private static final int MAX_PATH_BYTES = 108;

    private static final Downcall SOCKET =
            Downcall.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final Downcall SENDTO =
            Downcall.of(
                    "sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

    private SocketCalls() {}

    static int openDatagram() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            int fd = (int) SOCKET.handle().invokeExact(errno, (int) AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
            if (fd < 0) {
                throw new ErrnoException("cannot open a socket", Errno.read(errno));
            }
            return fd;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    /**
     * Sends without waiting.
     *
     * @param address path of the receiver's socket, or {@code @name} for an abstract one
     */
    static void send(int fd, String address, String text) throws IOException {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= MAX_PATH_BYTES) {
            throw new IOException("unix socket address must be 1..107 bytes, was " + address);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            MemorySegment to = arena.allocate(2 + MAX_PATH_BYTES, 8);
            to.set(JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(path, 0, to, JAVA_BYTE, 2, path.length);
            boolean isAbstract = path[0] == '@';
            if (isAbstract) {
                to.set(JAVA_BYTE, 2, (byte) 0);
            }
            // A path includes its final zero, an abstract name is as long as it is.
            int length = 2 + path.length + (isAbstract ? 0 : 1);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            MemorySegment data = arena.allocateFrom(JAVA_BYTE, bytes);
            long sent =
                    (long)
                            SENDTO.handle()
                                    .invokeExact(
                                            errno,
                                            fd,
                                            data,
                                            (long) bytes.length,
                                            MSG_NOSIGNAL_DONTWAIT,
                                            to,
                                            length);
            if (sent < 0) {
                throw new ErrnoException("cannot send to " + address, Errno.read(errno));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }
}
