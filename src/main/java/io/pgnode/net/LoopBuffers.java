package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Buffers to read into. All connections of a loop read into one and the same, which is free again
 * as soon as its bytes were passed on: nothing is allocated for a query, an idle connection holds
 * nothing, and the buffer stays in the processor's cache. While somebody still holds it, because
 * the other side is slow, others are taken from the pool.
 */
final class LoopBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
    @Override
    @SuppressWarnings("deprecation") // the type that the interface still has
    public Handle newHandle() {
        return new LoopHandle();
    }

    private final class LoopHandle extends MaxMessageHandle {
        @Override
        public int guess() {
            return Turn.BUFFER;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator pool) {
            return Thread.currentThread() instanceof LoopThread thread
                    ? thread.takeBuffer()
                    : pool.directBuffer(Turn.BUFFER, Turn.BUFFER);
        }
    }
}
