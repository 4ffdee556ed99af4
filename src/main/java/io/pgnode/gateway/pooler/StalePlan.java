package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.Frames;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.SqlState;

/**
 * PostgreSQL's "cached plan must not change result type": a table changed since the statement was
 * prepared, which has to be prepared anew. The text may be translated, so that the error is known
 * by the function that raised it.
 */
final class StalePlan {
    private static final String ROUTINE = "RevalidateCachedQuery";

    private StalePlan() {}

    /**
     * @param from first byte of an ErrorResponse after its length
     */
    static boolean isIn(ByteBuf in, int from, int end) throws ProtocolViolation {
        boolean isUnsupported = false;
        boolean isRaisedThere = false;
        int at = from;
        while (at < end && in.getByte(at) != 0) {
            byte type = in.getByte(at);
            int valueEnd = Frames.endOfString(in, at + 1, end);
            if (type == 'C') {
                isUnsupported =
                        Frames.text(in, at + 1, valueEnd).equals(SqlState.FEATURE_NOT_SUPPORTED);
            } else if (type == 'R') {
                isRaisedThere = Frames.text(in, at + 1, valueEnd).equals(ROUTINE);
            }
            at = valueEnd + 1;
        }
        return isUnsupported && isRaisedThere;
    }
}
