package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A client that says exactly what it is told to. */
final class RawClient implements AutoCloseable {
    private static final int LIMIT_MILLIS = 10_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private boolean isSlow;
    private CancelKey key = CancelKey.of(0);

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** One byte a packet from now on. */
    void slowly() {
        isSlow = true;
    }

    void send(byte[] bytes) throws IOException {
        if (!isSlow) {
            out.write(bytes);
            return;
        }
        for (byte one : bytes) {
            out.write(one);
            out.flush();
        }
    }

    void send(ByteBuf message) throws IOException {
        byte[] bytes = new byte[message.readableBytes()];
        message.readBytes(bytes);
        send(bytes);
    }

    /** Logs in where nothing has to be proved. */
    void login(String user, String database, String... parameters) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("user", user);
        all.put("database", database);
        for (int i = 0; i < parameters.length; i += 2) {
            all.put(parameters[i], parameters[i + 1]);
        }
        ByteBuf message = Unpooled.buffer();
        FrontendMessages.startup(message, all);
        send(message);
        var _ = expectReady();
    }

    void query(String sql) throws IOException {
        ByteBuf message = Unpooled.buffer();
        FrontendMessages.query(message, sql);
        send(message);
    }

    /** Parse, Bind and Execute of an unnamed statement, without a Sync. */
    void extended(String sql) throws IOException {
        ByteBuf message = Unpooled.buffer();
        int parse = Frames.begin(message, FrontendTag.PARSE);
        Frames.writeString(message, "");
        Frames.writeString(message, sql);
        message.writeShort(0);
        Frames.end(message, parse);
        int bind = Frames.begin(message, FrontendTag.BIND);
        message.writeZero(8);
        Frames.end(message, bind);
        int execute = Frames.begin(message, FrontendTag.EXECUTE);
        message.writeZero(5);
        Frames.end(message, execute);
        send(message);
    }

    /** Parse of a named statement, and a Sync. */
    void prepare(String name, String sql) throws IOException {
        ByteBuf message = Unpooled.buffer();
        int parse = Frames.begin(message, FrontendTag.PARSE);
        Frames.writeString(message, name);
        Frames.writeString(message, sql);
        message.writeShort(0);
        Frames.end(message, parse);
        FrontendMessages.sync(message);
        send(message);
    }

    /** Bind, Describe and Execute of named statements without parameters, and a Sync, at once. */
    void execute(String... names) throws IOException {
        ByteBuf message = Unpooled.buffer();
        for (String name : names) {
            int bind = Frames.begin(message, FrontendTag.BIND);
            Frames.writeString(message, "");
            Frames.writeString(message, name);
            message.writeZero(6);
            Frames.end(message, bind);
            int describe = Frames.begin(message, FrontendTag.DESCRIBE);
            message.writeByte('P');
            Frames.writeString(message, "");
            Frames.end(message, describe);
            int execute = Frames.begin(message, FrontendTag.EXECUTE);
            message.writeZero(5);
            Frames.end(message, execute);
        }
        FrontendMessages.sync(message);
        send(message);
    }

    void sync() throws IOException {
        ByteBuf message = Unpooled.buffer();
        FrontendMessages.sync(message);
        send(message);
    }

    /** Asks for an end of what this client does, as drivers do. */
    void cancel() throws IOException {
        try (Socket other = new Socket(socket.getInetAddress(), socket.getPort())) {
            ByteBuf message = Unpooled.buffer();
            FrontendMessages.cancelRequest(message, key);
            byte[] bytes = new byte[message.readableBytes()];
            message.readBytes(bytes);
            other.getOutputStream().write(bytes);
            other.getInputStream().readAllBytes();
        }
    }

    /** A COPY FROM STDIN with all its data at once. */
    String copyIn(String sql, String data) throws IOException {
        query(sql);
        copyData(data);
        copyDone();
        return expectReady();
    }

    void copyData(String data) throws IOException {
        ByteBuf message = Unpooled.buffer();
        int begun = Frames.begin(message, FrontendTag.COPY_DATA);
        message.writeCharSequence(data, StandardCharsets.UTF_8);
        Frames.end(message, begun);
        send(message);
    }

    void copyDone() throws IOException {
        send(new byte[] {FrontendTag.COPY_DONE, 0, 0, 0, 4});
    }

    /** Whatever comes up to ReadyForQuery. */
    void skipToReady() throws IOException {
        int tag;
        do {
            tag = in.readByte();
            in.skipNBytes(in.readInt() - 4L);
        } while (tag != 'Z');
    }

    /** Everything up to ReadyForQuery, as text; an error of the server is thrown. */
    String expectReady() throws IOException {
        StringBuilder text = new StringBuilder();
        while (true) {
            int tag = in.readByte();
            byte[] body = new byte[in.readInt() - 4];
            in.readFully(body);
            String content = new String(body, StandardCharsets.UTF_8);
            if (tag == 'K') {
                key = CancelKey.of(ByteBuffer.wrap(body).getLong());
            }
            if (tag == 'E') {
                throw new IOException(content.replace('\0', ' '));
            }
            if (tag == 'Z') {
                return text.toString();
            }
            text.append((char) tag).append(content).append('\n');
        }
    }

    /** The next message, which must be of this kind, as text. */
    String expect(char wanted) throws IOException {
        char tag = (char) in.readByte();
        byte[] body = new byte[in.readInt() - 4];
        in.readFully(body);
        String content = new String(body, StandardCharsets.UTF_8);
        if (tag != wanted) {
            throw new IOException("'" + tag + "' instead of '" + wanted + "': " + content);
        }
        return content;
    }

    /** What comes until the other side closes. */
    String readToEnd() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
