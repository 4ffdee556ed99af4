package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendTag;
import java.nio.charset.StandardCharsets;

/**
 * A prepared statement by its content, whatever its clients call it. On servers it has a name that
 * no client can mean.
 */
final class Statement {
    /** What our names begin with. */
    static final String PREFIX = "PGNODE_";

    private final long id;
    private final byte[] name;
    private final ByteKey content;

    /**
     * @param id unique among all statements, not zero
     * @param content text, zero byte, and parameter types, as in Parse
     */
    Statement(long id, ByteKey content) {
        this.id = id;
        this.name = (PREFIX + Long.toString(id, 36)).getBytes(StandardCharsets.US_ASCII);
        this.content = content;
    }

    long id() {
        return id;
    }

    byte[] name() {
        return name;
    }

    ByteKey content() {
        return content;
    }

    /** Bytes that it holds, about. */
    int weight() {
        return content.length() + 100;
    }

    void writeParse(ByteBuf out) {
        int begun = Frames.begin(out, FrontendTag.PARSE);
        out.writeBytes(name);
        out.writeByte(0);
        out.writeBytes(content.bytes());
        Frames.end(out, begun);
    }
}
