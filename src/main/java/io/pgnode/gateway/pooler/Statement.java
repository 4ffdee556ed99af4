package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement by its content, whatever its clients call it. On servers it has a name that
 * no client can mean.
 */
final class Statement {
    /** What our names begin with. */
    static final String PREFIX = "pgnode_";

    /** Begins the content of a statement that was prepared by SQL. */
    private static final byte SQL = 0;

    private final long id;
    private final byte[] name;
    private final ByteKey content;
    private @Nullable Statement successor;

    /**
     * @param id unique among all statements, not zero
     * @param content text, zero byte, and parameter types, as in Parse; or what {@link #ofSql}
     *     gives
     */
    Statement(long id, ByteKey content) {
        this.id = id;
        this.name = (PREFIX + Long.toString(id, 36)).getBytes(StandardCharsets.US_ASCII);
        this.content = content;
    }

    /** The content of a statement that SQL prepares: what stands before and behind its name. */
    static byte[] ofSql(String before, String after) {
        return ("\0" + before + "\0" + after).getBytes(StandardCharsets.UTF_8);
    }

    /** From now on another one of the same content is used instead. */
    void replaceBy(Statement next) {
        successor = next;
    }

    /** The one that is used instead; itself when it was never replaced. */
    Statement current() {
        Statement last = this;
        for (Statement next = successor; next != null; next = last.successor) {
            last = next;
        }
        return last;
    }

    long id() {
        return id;
    }

    byte[] name() {
        return name;
    }

    String text() {
        return new String(name, StandardCharsets.US_ASCII);
    }

    ByteKey content() {
        return content;
    }

    /** Bytes that it holds, about. */
    int weight() {
        return content.length() + 100;
    }

    /** The text of an SQL statement never begins with a zero byte, but for the empty one. */
    boolean isSql() {
        return content.length() > 1 && content.bytes()[0] == SQL && content.bytes()[1] != SQL;
    }

    /** Writes what prepares it: a Parse, or a query where {@link #isSql}. */
    void writePrepare(ByteBuf out) {
        if (isSql()) {
            String[] parts =
                    new String(content.bytes(), 1, content.length() - 1, StandardCharsets.UTF_8)
                            .split("\0", -1);
            FrontendMessages.query(out, parts[0] + text() + parts[1]);
            return;
        }
        int begun = Frames.begin(out, FrontendTag.PARSE);
        out.writeBytes(name);
        out.writeByte(0);
        out.writeBytes(content.bytes());
        Frames.end(out, begun);
    }
}
