package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.ProtocolViolation;

/** The request at the beginning of what was held back. Stateless. */
final class HeldRequest {
    private HeldRequest() {}

    /**
     * Index behind the request that a server answers with one ReadyForQuery: a query, or everything
     * up to a Sync; -1 when its end has not come, or when it is no such request.
     */
    static int end(ByteBuf held, int maxMessage) {
        int at = held.readerIndex();
        while (held.writerIndex() - at >= Frames.HEADER) {
            byte tag = held.getByte(at);
            long size;
            try {
                size = Frames.size(held, at, maxMessage);
            } catch (ProtocolViolation e) {
                return -1;
            }
            boolean isFirst = at == held.readerIndex();
            if (size > held.writerIndex() - at || !isFirst && isAlone(tag)) {
                return -1;
            }
            at += (int) size;
            if (tag == FrontendTag.SYNC || isAlone(tag)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isAlone(byte tag) {
        return tag == FrontendTag.QUERY || tag == FrontendTag.FUNCTION_CALL;
    }
}
