package io.pgnode.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes the messages that a client sends. */
public final class FrontendMessages {
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final int TLS_REQUEST = 1234 << 16 | 5679;
    private static final int CANCEL_REQUEST = 1234 << 16 | 5678;

    private FrontendMessages() {}

    /**
     * @param parameters user and database among them
     */
    public static void startup(ByteBuf out, Map<String, String> parameters) {
        int begun = out.writerIndex();
        out.writeInt(0);
        out.writeInt(PROTOCOL_3_0);
        parameters.forEach(
                (name, value) -> {
                    Frames.writeString(out, name);
                    Frames.writeString(out, value);
                });
        out.writeByte(0);
        Frames.end(out, begun);
    }

    public static void tlsRequest(ByteBuf out) {
        out.writeInt(8);
        out.writeInt(TLS_REQUEST);
    }

    public static void cancelRequest(ByteBuf out, CancelKey key) {
        out.writeInt(16);
        out.writeInt(CANCEL_REQUEST);
        out.writeInt(key.processId());
        out.writeInt(key.secret());
    }

    public static void password(ByteBuf out, String password) {
        int begun = Frames.begin(out, FrontendTag.PASSWORD);
        Frames.writeString(out, password);
        Frames.end(out, begun);
    }

    public static void saslInitialResponse(ByteBuf out, String mechanism, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        int begun = Frames.begin(out, FrontendTag.PASSWORD);
        Frames.writeString(out, mechanism);
        out.writeInt(bytes.length);
        out.writeBytes(bytes);
        Frames.end(out, begun);
    }

    public static void saslResponse(ByteBuf out, String data) {
        int begun = Frames.begin(out, FrontendTag.PASSWORD);
        out.writeBytes(data.getBytes(StandardCharsets.UTF_8));
        Frames.end(out, begun);
    }

    public static void query(ByteBuf out, String sql) {
        int begun = Frames.begin(out, FrontendTag.QUERY);
        Frames.writeString(out, sql);
        Frames.end(out, begun);
    }

    public static void sync(ByteBuf out) {
        out.writeByte(FrontendTag.SYNC);
        out.writeInt(4);
    }

    public static void terminate(ByteBuf out) {
        out.writeByte(FrontendTag.TERMINATE);
        out.writeInt(4);
    }

    /**
     * @param name of a prepared statement
     */
    public static void closeStatement(ByteBuf out, byte[] name) {
        int begun = Frames.begin(out, FrontendTag.CLOSE);
        out.writeByte('S');
        out.writeBytes(name);
        out.writeByte(0);
        Frames.end(out, begun);
    }
}
