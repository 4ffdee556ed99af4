package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;

/** The thread of an event loop, with the memory that its connections read into. */
final class LoopThread extends FastThreadLocalThread {
    private final Turn turn = new Turn();

    private LoopThread(ThreadGroup group, Runnable task, String name) {
        super(group, task, name);
    }

    /** Its loop's. Only for this thread itself. */
    Turn turn() {
        return turn;
    }

    /** Memory to read into, as {@link Turn#take()}. Only for this thread itself. */
    ByteBuf takeBuffer() {
        Chunk mine = turn.take();
        ByteBuf buffer = mine.lend();
        mine.release();
        return buffer;
    }

    @Override
    public void run() {
        super.run();
        turn.end();
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
