package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.jspecify.annotations.Nullable;

/** The thread of an event loop, with the buffer that its connections read into. */
final class LoopThread extends FastThreadLocalThread {
    /** Bytes at a time, for bulk. */
    static final int BUFFER = 64 * 1024;

    private @Nullable ByteBuf buffer;

    private LoopThread(ThreadGroup group, Runnable task, String name) {
        super(group, task, name);
    }

    /**
     * An empty buffer to read into, to be released by whoever takes it: as a rule always the same
     * one. Only for this thread itself.
     */
    ByteBuf take() {
        ByteBuf mine = buffer;
        if (mine == null) {
            mine = PooledByteBufAllocator.DEFAULT.directBuffer(BUFFER, BUFFER);
            buffer = mine;
        }
        return mine.refCnt() == 1
                ? mine.clear().retain()
                : PooledByteBufAllocator.DEFAULT.directBuffer(BUFFER, BUFFER);
    }

    @Override
    public void run() {
        super.run();
        ByteBuf mine = buffer;
        if (mine != null) {
            buffer = null;
            mine.release();
        }
    }

    /** Makes such threads, as daemons. */
    static final class Factory extends DefaultThreadFactory {
        Factory(String name) {
            super(name, true);
        }

        @Override
        protected Thread newThread(Runnable task, String name) {
            return new LoopThread(threadGroup, task, name);
        }
    }
}
