package io.pgnode.net;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.function.CFunction.Transition;
import org.graalvm.nativeimage.c.type.CIntPointer;
import org.graalvm.nativeimage.c.type.VoidPointer;
import org.graalvm.word.WordFactory;

/**
 * Sends and receives on a socket that does not block. A native image calls the C library itself: by
 * way of Netty's library, as the JVM does it, the call costs as much again in handles and state
 * changes of the thread.
 */
final class DirectCalls {
    /** What {@link #receive} returns when the peer sends no more. */
    static final int END = -1;

    private static final boolean IN_IMAGE =
            System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    private DirectCalls() {}

    /**
     * Sends the bytes from {@code address + from} to {@code address + to}.
     *
     * @return how many were taken; zero when the socket is full
     * @throws IOException the connection is broken
     */
    static int send(Socket socket, long address, int from, int to) throws IOException {
        return IN_IMAGE
                ? Image.send(socket.intValue(), address + from, to - from)
                : socket.sendAddress(address, from, to);
    }

    /**
     * Receives into {@code address} at most {@code capacity} bytes, which is more than zero.
     *
     * @return how many; zero when there are none now; {@link #END}
     * @throws IOException the connection is broken
     */
    static int receive(Socket socket, long address, int capacity) throws IOException {
        return IN_IMAGE
                ? Image.receive(socket.intValue(), address, capacity)
                : socket.recvAddress(address, 0, capacity);
    }

    /** Each call returns at once, so no garbage collection need be let run meanwhile. */
    private static final class Image {
        private static final int MSG_NOSIGNAL = 0x4000;
        private static final int EINTR = 4;
        private static final int EAGAIN = 11;

        static int send(int fd, long address, int length) throws IOException {
            long sent = send(fd, WordFactory.pointer(address), length, MSG_NOSIGNAL);
            return sent >= 0 ? (int) sent : nothing("send");
        }

        static int receive(int fd, long address, int capacity) throws IOException {
            long received = recv(fd, WordFactory.pointer(address), capacity, 0);
            if (received > 0) {
                return (int) received;
            }
            return received == 0 ? END : nothing("recv");
        }

        private static int nothing(String call) throws IOException {
            int error = errno().read();
            if (error == EAGAIN || error == EINTR) {
                return 0;
            }
            throw new IOException(call + "(..) failed with error " + error);
        }

        @CFunction(value = "send", transition = Transition.NO_TRANSITION)
        private static native long send(int fd, VoidPointer data, long length, int flags);

        @CFunction(value = "recv", transition = Transition.NO_TRANSITION)
        private static native long recv(int fd, VoidPointer data, long length, int flags);

        @CFunction(value = "__errno_location", transition = Transition.NO_TRANSITION)
        private static native CIntPointer errno();
    }
}
