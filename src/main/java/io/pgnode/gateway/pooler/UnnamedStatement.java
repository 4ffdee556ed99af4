package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.net.Chunk;

/**
 * A client's unnamed statement. Some drivers prepare it in one round trip and use it in the next,
 * which may go to another server, or to one where somebody else's took its place: there it is
 * prepared again. Confined to the client's loop.
 */
final class UnnamedStatement {
    /** Stands for it where statements have ids; no other has this one. */
    static final long ID = (1L << 55) - 1;

    /** Longer ones are not kept: an idle client must cost little. */
    private static final int MAX_KEPT = 4096;

    private static final byte[] NONE = new byte[0];

    private byte[] message = NONE;
    private int length;
    private long version;

    /** The client sends this Parse, in {@code [from, end)}, to this server. */
    void prepared(ServerSession to, Chunk in, int from, int end) {
        if (to.replies().isSkipping()) {
            return;
        }
        version++;
        length = end - from <= MAX_KEPT ? end - from : 0;
        if (length > message.length) {
            message = new byte[length];
        }
        in.copyTo(message, from, from + length);
        to.hasUnnamed(this, version);
    }

    /** Whether the client has one, and the server another one's, an older one or none. */
    boolean isMissing(ServerSession from) {
        return length > 0 && !from.replies().isSkipping() && !from.isUnnamed(this, version);
    }

    /** Prepares it again. */
    void prepare(ServerSession to, Chunk out) {
        out.add(message, length);
        to.replies().add(Replies.PARSE | Replies.SWALLOW, ID);
        to.hasUnnamed(this, version);
    }
}
