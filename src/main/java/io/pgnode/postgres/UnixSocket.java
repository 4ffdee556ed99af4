package io.pgnode.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A unix stream socket in the clothes of a {@link Socket}, for PgJDBC, which knows no other.
 *
 * <p>The address passed to {@code connect} is ignored: the path was given at creation. There are no
 * read timeouts; {@link #close} from another thread ends a blocked read.
 */
final class UnixSocket extends Socket {
    private final String path;
    private final SocketChannel channel;

    UnixSocket(String path) throws IOException {
        this.path = path;
        this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    }

    @Override
    public void connect(SocketAddress ignored, int timeoutMillis) throws IOException {
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            throw new SocketException(e.getMessage() + ": " + path, e);
        }
    }

    @Override
    public void connect(SocketAddress ignored) throws IOException {
        connect(ignored, 0);
    }

    @Override
    public InputStream getInputStream() {
        return new ChannelInput();
    }

    @Override
    public OutputStream getOutputStream() {
        return new ChannelOutput();
    }

    /** Shutting down first wakes a reader in the kernel, whatever kind of thread it is. */
    @Override
    public void close() throws IOException {
        try {
            channel.shutdownInput();
            channel.shutdownOutput();
        } catch (IOException e) {
            // Not connected, or already closed: closing is all that is left.
        }
        channel.close();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public InetAddress getInetAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // No such thing on a unix socket.
    }

    @Override
    public void setKeepAlive(boolean on) {
        // No such thing on a unix socket.
    }

    @Override
    public void setSoTimeout(int timeoutMillis) {
        // The owner of the connection closes it at the deadline.
    }

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void setReceiveBufferSize(int size) {
        // The default is right.
    }

    @Override
    public int getReceiveBufferSize() {
        return 8192;
    }

    @Override
    public void setSendBufferSize(int size) {
        // The default is right.
    }

    @Override
    public int getSendBufferSize() {
        return 8192;
    }

    /** Channels.newInputStream would refuse a read while another thread writes. */
    private final class ChannelInput extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            int count = read(one, 0, 1);
            return count < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(bytes, offset, length));
        }
    }

    private final class ChannelOutput extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }
}
