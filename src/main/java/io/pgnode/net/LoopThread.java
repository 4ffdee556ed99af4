package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.jspecify.annotations.Nullable;

/** The thread of an event loop, with the memory that its connections read into. */
final class LoopThread extends FastThreadLocalThread {
    /** Bytes at a time, for bulk. */
    static final int BUFFER = 64 * 1024;

    private @Nullable Chunk chunk;

    private LoopThread(ThreadGroup group, Runnable task, String name) {
        super(group, task, name);
    }

    /**
     * An empty chunk to read into, to be released by whoever takes it: as a rule always the same
     * one. Only for this thread itself.
     */
    Chunk take() {
        Chunk mine = chunk;
        if (mine == null || !mine.isUnique()) {
            if (mine != null) {
                mine.release();
            }
            mine = Chunk.create(BUFFER);
            chunk = mine;
        }
        return mine.clear().retain();
    }

    /** The same memory as a buffer. */
    ByteBuf takeBuffer() {
        Chunk mine = take();
        ByteBuf buffer = mine.lend();
        mine.release();
        return buffer;
    }

    @Override
    public void run() {
        super.run();
        Chunk mine = chunk;
        if (mine != null) {
            chunk = null;
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
