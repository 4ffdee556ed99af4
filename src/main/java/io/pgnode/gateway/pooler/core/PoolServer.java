package io.pgnode.gateway.pooler.core;

import org.jspecify.annotations.Nullable;

/**
 * A server connection as the pools see it. Confined to its {@link Pools}.
 *
 * @param <S> the connection
 */
public final class PoolServer<S> {
    /** Where it is. */
    public enum State {
        /** Connecting and logging in. */
        OPENING,
        IDLE,
        /** In a client's hands. */
        ACTIVE,
        CLOSED
    }

    final Pool<?, S> pool;
    final long openedAt;

    @Nullable S owner;
    @Nullable PoolServer<S> newer;
    @Nullable PoolServer<S> older;
    State state = State.OPENING;
    int loop;
    int settings;
    long idleSince;
    long idledFor;
    boolean isDoomed;
    boolean isReserve;
    boolean isResting;

    PoolServer(Pool<?, S> pool, int loop, long now) {
        this.pool = pool;
        this.loop = loop;
        this.openedAt = now;
    }

    /** The connection. */
    public S owner() {
        if (owner == null) {
            throw new IllegalStateException("the server has no connection yet");
        }
        return owner;
    }

    /** Sets the connection, once, before {@link Pools#opened}. */
    public void owner(S connection) {
        owner = connection;
    }

    public Pool<?, S> pool() {
        return pool;
    }

    public State state() {
        return state;
    }

    /** Number of the event loop that it lives on. */
    public int loop() {
        return loop;
    }

    /** When it became idle; only while it is. */
    public long idleSince() {
        return idleSince;
    }

    /** How long it had been idle when it was given to its client; zero when it was not. */
    public long idledFor() {
        return idledFor;
    }

    public long openedAt() {
        return openedAt;
    }

    /** To be closed as soon as nobody uses it. */
    public boolean isDoomed() {
        return isDoomed;
    }
}
