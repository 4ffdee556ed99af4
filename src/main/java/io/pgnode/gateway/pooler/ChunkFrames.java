package io.pgnode.gateway.pooler;

import io.pgnode.net.Chunk;
import io.pgnode.wire.Frames;
import io.pgnode.wire.ProtocolViolation;

/** {@link Frames} in a chunk. */
final class ChunkFrames {
    private ChunkFrames() {}

    /** As {@link Frames#size(io.netty.buffer.ByteBuf, int, int)}. */
    static long size(Chunk in, int index, int maxLength) throws ProtocolViolation {
        return Frames.size(in.intAt(index + 1), maxLength);
    }

    /** As {@link Frames#endOfString}. */
    static int endOfString(Chunk in, int from, int end) throws ProtocolViolation {
        int zero = from >= end ? -1 : in.zero(from, end);
        if (zero < 0) {
            throw Frames.endlessString();
        }
        return zero;
    }
}
