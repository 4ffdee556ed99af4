package io.pgnode.gateway.pooler.core;

import org.jspecify.annotations.Nullable;

/** Idle servers of one event loop, the one used last on top. */
final class IdleStack<S> {
    /** So many are looked at for one whose settings fit. */
    private static final int LOOK_AT = 8;

    private @Nullable PoolServer<S> newest;
    private @Nullable PoolServer<S> oldest;
    private int size;

    int size() {
        return size;
    }

    @Nullable PoolServer<S> oldest() {
        return oldest;
    }

    void push(PoolServer<S> server) {
        server.older = newest;
        server.newer = null;
        if (newest == null) {
            oldest = server;
        } else {
            newest.newer = server;
        }
        newest = server;
        size++;
    }

    void remove(PoolServer<S> server) {
        if (server.newer == null) {
            newest = server.older;
        } else {
            server.newer.older = server.older;
        }
        if (server.older == null) {
            oldest = server.newer;
        } else {
            server.older.newer = server.newer;
        }
        server.newer = null;
        server.older = null;
        size--;
    }

    /** The newest one with these settings, or simply the newest; stays on the stack. */
    @Nullable PoolServer<S> best(int settings) {
        PoolServer<S> candidate = newest;
        for (int i = 0; i < LOOK_AT && candidate != null; i++) {
            if (candidate.settings == settings) {
                return candidate;
            }
            candidate = candidate.older;
        }
        return newest;
    }
}
