package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.net.Chunk;
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

    private @Nullable Chunk collected;
    private final SentBatch batch = new SentBatch();

    /** Where to write the next message. */
    Chunk to(ServerSession server) {
        Chunk chunk = collected;
        if (chunk == null) {
            chunk = server.emptyRequest();
            collected = chunk;
        }
        return chunk;
    }

    /** Adds {@code [from, end)}. */
    void add(ServerSession to, Chunk in, int from, int end) {
        if (end <= from) {
            return;
        }
        if (end - from <= COPIED) {
            to(to).add(in, from, end);
        } else {
            write(to);
            give(to, in, from, end);
        }
    }

    /** The same, but not copied, whatever it is; nothing may be collected. */
    void give(ServerSession to, Chunk in, int from, int end) {
        batch.sentMore();
        to.outlet().write(in, from, end);
    }

    boolean isEmpty() {
        return collected == null;
    }

    /** Passes on what is collected; it is not flushed. */
    private void write(ServerSession to) {
        Chunk ready = collected;
        if (ready != null) {
            collected = null;
            batch.sent(ready);
            to.outlet().write(ready, ready.from(), ready.to());
            ready.release();
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
        Chunk rest = collected;
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
