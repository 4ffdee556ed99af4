package io.pgnode.net;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a loop: first all is read that came, each connection into a chunk of its own, then
 * all is sent that came of it. Reading in a row and sending in a row keeps the kernel's code for
 * either in the processor's cache: with 64 busy clients it saves a twentieth of the time in the
 * kernel, and wakes the other side less often. Confined to the loop's thread.
 */
final class Turn implements Runnable {
    /** Bytes of the first chunk of a turn, for bulk. */
    static final int BUFFER = 64 * 1024;

    /** Bytes of the others: as a rule they hold a query, or its result. */
    private static final int SMALL = 4 * 1024;

    /** So many sends wait at most, that no client waits for the queries of hundreds of others. */
    static final int MAX = 16;

    /** Those below {@link #current} are in use since this turn. */
    private final @Nullable Chunk[] chunks = new @Nullable Chunk[MAX];

    private int current;

    /** As many of the chunks were given away in this turn. */
    private int given;

    private final @Nullable Outlet[] due = new @Nullable Outlet[MAX];
    private int dueCount;
    private boolean isSending;

    /** An empty chunk to read into, to be released by whoever takes it. */
    Chunk take() {
        while (true) {
            Chunk chunk = chunks[current];
            if (chunk == null) {
                chunk = Chunk.create(current == 0 ? BUFFER : SMALL);
                chunks[current] = chunk;
            }
            if (chunk.isUnique()) {
                given = Math.max(given, current + 1);
                return chunk.clear().retain();
            }
            if (current >= given) {
                // Since an earlier turn: somebody's other side is slow.
                chunks[current] = null;
                chunk.release();
            } else if (current < MAX - 1) {
                current++;
            } else {
                return Chunk.create(SMALL);
            }
        }
    }

    /** Its {@link Outlet#sendDue} is called before the loop rests, which is that of this turn. */
    void sendLater(Outlet outlet, EventLoop loop) {
        if (dueCount == MAX && !isSending) {
            run();
        }
        if (dueCount == MAX) {
            outlet.sendDue();
            return;
        }
        if (dueCount == 0) {
            ((SingleThreadEventLoop) loop).executeAfterEventLoopIteration(this);
        }
        due[dueCount] = outlet;
        dueCount++;
    }

    /** Sends what is due. */
    @Override
    public void run() {
        isSending = true;
        for (int i = 0; i < dueCount; i++) {
            Outlet outlet = due[i];
            due[i] = null;
            if (outlet != null) {
                outlet.sendDue();
            }
        }
        isSending = false;
        dueCount = 0;
        current = 0;
        given = 0;
    }

    /** The thread ends. */
    void end() {
        for (int i = 0; i < MAX; i++) {
            Chunk chunk = chunks[i];
            if (chunk != null) {
                chunks[i] = null;
                chunk.release();
            }
        }
    }
}
