package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.ProtocolViolation;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Bytes to and from a pooler, as a client would never send them. */
final class LoginClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final DataInputStream in;

    LoginClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    Socket socket() {
        return socket;
    }

    LoginClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    LoginClient sendBytewise(byte[] bytes) throws IOException {
        for (byte b : bytes) {
            socket.getOutputStream().write(b);
            socket.getOutputStream().flush();
        }
        return this;
    }

    static byte[] bytes(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer();
        writer.accept(out);
        return ByteBufUtil.getBytes(out);
    }

    static byte[] startup(String... pairs) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            parameters.put(pairs[i], pairs[i + 1]);
        }
        return bytes(out -> FrontendMessages.startup(out, parameters));
    }

    int read() throws IOException {
        return in.read();
    }

    /** A message: its tag and its body. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Message(char tag, byte[] body) {
        ErrorMessage error() throws ProtocolViolation {
            ByteBuf buffer = Unpooled.wrappedBuffer(body);
            return ErrorMessage.read(buffer, 0, body.length);
        }
    }

    Message message() throws IOException {
        char tag = (char) in.readUnsignedByte();
        byte[] body = new byte[in.readInt() - 4];
        in.readFully(body);
        return new Message(tag, body);
    }

    /** Skips what comes before it. */
    Message until(char tag) throws IOException {
        while (true) {
            Message message = message();
            if (message.tag() == tag) {
                return message;
            }
        }
    }

    /** The error that ends the connection; its text is empty when there is none. */
    ErrorMessage lastError() throws IOException, ProtocolViolation {
        ErrorMessage last = ErrorMessage.fatal("", "");
        try {
            while (true) {
                Message message = message();
                if (message.tag() == 'E') {
                    last = message.error();
                }
            }
        } catch (EOFException | SocketException e) {
            return last;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
