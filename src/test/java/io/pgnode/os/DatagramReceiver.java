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

/** Stands for systemd: receives datagrams on a unix socket. */
public final class DatagramReceiver implements AutoCloseable {
    private static final Downcall BIND = Downcall.of("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final Downcall RECV =
            Downcall.of("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private final int fd;

    /** {@code address} is a path or {@code @name}. */
    public DatagramReceiver(String address) throws IOException {
        fd = SocketCalls.openDatagram();
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = arena.allocate(110, 8);
            at.set(JAVA_SHORT, 0, (short) 1);
            MemorySegment.copy(path, 0, at, JAVA_BYTE, 2, path.length);
            boolean isAbstract = path[0] == '@';
            if (isAbstract) {
                at.set(JAVA_BYTE, 2, (byte) 0);
            }
            int length = 2 + path.length + (isAbstract ? 0 : 1);
            int result =
                    (int)
                            BIND.handle()
                                    .invokeExact(
                                            arena.allocate(
                                                    java.lang.foreign.Linker.Option
                                                            .captureStateLayout()),
                                            fd,
                                            at,
                                            length);
            if (result != 0) {
                throw new IOException("bind failed");
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next message; empty text after two seconds without one. */
    public String receive() {
        return receive(2000);
    }

    public String receive(int timeoutMillis) {
        if (!FileCalls.awaitReadable(fd, timeoutMillis)) {
            return "";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            long n =
                    (long)
                            RECV.handle()
                                    .invokeExact(
                                            arena.allocate(
                                                    java.lang.foreign.Linker.Option
                                                            .captureStateLayout()),
                                            fd,
                                            buffer,
                                            4096L,
                                            0);
            return new String(buffer.asSlice(0, n).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        FileCalls.close(fd);
    }
}
