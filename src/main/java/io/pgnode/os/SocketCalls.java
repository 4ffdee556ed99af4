package io.pgnode.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Unix datagram sockets, which Java does not offer. */
final class SocketCalls {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int MSG_NOSIGNAL_DONTWAIT = 0x4000 | 0x40;

    /** Size of sun_path on Linux. */
    private static final int MAX_PATH_BYTES = 108;

    private SocketCalls() {}

    static int openDatagram() throws IOException {
        int fd = Libc.get().socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
        if (fd < 0) {
            throw new ErrnoException("cannot open a socket", -fd);
        }
        return fd;
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
        boolean isAbstract = path[0] == '@';
        if (isAbstract) {
            path[0] = 0;
        }
        // A path includes its final zero, an abstract name is as long as it is.
        byte[] to = new byte[2 + path.length + (isAbstract ? 0 : 1)];
        ByteBuffer.wrap(to).order(ByteOrder.nativeOrder()).putShort(AF_UNIX).put(path);
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        long sent = Libc.get().sendto(fd, data, MSG_NOSIGNAL_DONTWAIT, to);
        if (sent < 0) {
            throw new ErrnoException("cannot send to " + address, (int) -sent);
        }
    }
}
