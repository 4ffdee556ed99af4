package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.wire.ProtocolViolation;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a client's server gets next: small pieces are collected in one buffer, large ones go as they
 * came. Nothing leaves before {@link #flush}. Confined to the client's loop.
 */
final class RequestBuffer {
    /** Pieces up to this size are copied. */
    static final int COPIED = 2048;

    private @Nullable ByteBuf collected;
    private final SentBatch batch = new SentBatch();

    /** Where to write the next message. */
    ByteBuf to(ServerSession server) {
        ByteBuf buffer = collected;
        if (buffer == null) {
            buffer = server.emptyRequest();
            collected = buffer;
        }
        return buffer;
    }

    /** Adds {@code [from, end)}. */
    void add(ServerSession to, ByteBuf in, int from, int end) {
        if (end <= from) {
            return;
        }
        if (end - from <= COPIED) {
            to(to).writeBytes(in, from, end - from);
        } else {
            write(to);
            give(to, in.retainedSlice(from, end - from));
        }
    }

    /** Adds a whole buffer, which is taken over; nothing may be collected. */
    void give(ServerSession to, ByteBuf in) {
        batch.sentMore();
        to.outlet().write(in);
    }

    boolean isEmpty() {
        return collected == null;
    }

    /** Passes on what is collected; it is not flushed. */
    private void write(ServerSession to) {
        ByteBuf ready = collected;
        if (ready != null) {
            collected = null;
            batch.sent(ready);
            to.outlet().write(ready);
        }
    }

    /** Sends everything. */
    void flush(ServerSession to) {
        write(to);
        to.outlet().flush();
    }

    /** The server answered everything. */
    void answered() {
        batch.answered();
    }

    /** The server is not ours any more: what it did not get is forgotten. */
    void clear() {
        ByteBuf rest = collected;
        if (rest != null) {
            collected = null;
            rest.release();
        }
        batch.answered();
    }

    /** Whether all that is outstanding can be {@linkplain #repeat repeated}: it had no effect. */
    boolean isRepeatable(Replies replies) throws ProtocolViolation {
        return isEmpty() && batch.wasRefusedWhole(replies);
    }

    /** Sends it once more, with other statements. */
    void repeat(ServerSession to, UnaryOperator<Statement> renewed) throws ProtocolViolation {
        batch.repeat(to, renewed);
    }
}
