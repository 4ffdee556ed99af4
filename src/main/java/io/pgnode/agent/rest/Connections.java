package io.pgnode.agent.rest;

import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The open connections, so that idle ones are closed and their number is bounded.
 *
 * <p>A connection is idle while no request of it is being served, so bytes that trickle in keep
 * nothing open, and a restart that takes minutes cuts nobody off. Confined to the server's event
 * loop.
 */
final class Connections {
    /** Several load balancers with keep-alive, monitoring and operators together stay below. */
    static final int MAX_OPEN = 1000;

    private static final class Use {
        long idleSinceNanos;
        int requests;

        Use(long idleSinceNanos) {
            this.idleSinceNanos = idleSinceNanos;
        }
    }

    private final Map<HttpConnection, Use> open = new HashMap<>();

    /** False when there are too many: the caller closes it. */
    boolean opened(HttpConnection connection, long nowNanos) {
        if (open.size() >= MAX_OPEN) {
            return false;
        }
        open.put(connection, new Use(nowNanos));
        return true;
    }

    void closed(HttpConnection connection) {
        open.remove(connection);
    }

    void requestStarted(HttpConnection connection) {
        Use use = open.get(connection);
        if (use != null) {
            use.requests++;
        }
    }

    void requestEnded(HttpConnection connection, long nowNanos) {
        Use use = open.get(connection);
        if (use != null) {
            use.requests--;
            use.idleSinceNanos = nowNanos;
        }
    }

    void closeIdle(long nowNanos, long limitNanos) {
        // Closing calls back into closed(), so first collect, then close.
        Iterator<Map.Entry<HttpConnection, Use>> all = Map.copyOf(open).entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<HttpConnection, Use> entry = all.next();
            Use use = entry.getValue();
            if (use.requests <= 0 && nowNanos - use.idleSinceNanos > limitNanos) {
                entry.getKey().close();
            }
        }
    }

    int size() {
        return open.size();
    }
}
