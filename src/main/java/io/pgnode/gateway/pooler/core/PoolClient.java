package io.pgnode.gateway.pooler.core;

import org.jspecify.annotations.Nullable;

/**
 * A client's place in the queues; made once for a connection, used again for each transaction.
 * Confined to its {@link Pools}.
 *
 * @param <C> the connection
 */
public final class PoolClient<C> {
    final C owner;
    final int loop;

    @Nullable PoolClient<C> before;
    @Nullable PoolClient<C> after;
    @Nullable Pool<C, ?> waitsFor;
    long ticket;
    long since;
    int overtaken;
    int settings;

    /**
     * @param loop number of the event loop that the connection lives on
     */
    public PoolClient(C owner, int loop) {
        this.owner = owner;
        this.loop = loop;
    }

    public C owner() {
        return owner;
    }

    public int loop() {
        return loop;
    }

    public boolean isWaiting() {
        return waitsFor != null;
    }

    /** When it began to wait; only while it waits. */
    public long since() {
        return since;
    }
}
