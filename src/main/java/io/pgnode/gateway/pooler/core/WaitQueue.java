package io.pgnode.gateway.pooler.core;

import org.jspecify.annotations.Nullable;

/** Clients of one event loop that wait, oldest first. Taking out of the middle is cheap. */
final class WaitQueue<C> {
    private @Nullable PoolClient<C> first;
    private @Nullable PoolClient<C> last;
    private int size;

    @Nullable PoolClient<C> first() {
        return first;
    }

    int size() {
        return size;
    }

    void add(PoolClient<C> client) {
        client.before = last;
        client.after = null;
        if (last == null) {
            first = client;
        } else {
            last.after = client;
        }
        last = client;
        size++;
    }

    void remove(PoolClient<C> client) {
        if (client.before == null) {
            first = client.after;
        } else {
            client.before.after = client.after;
        }
        if (client.after == null) {
            last = client.before;
        } else {
            client.after.before = client.before;
        }
        client.before = null;
        client.after = null;
        size--;
    }
}
