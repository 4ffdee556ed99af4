package io.pgnode.agent.rest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The open connections, so that idle ones are closed and their number is bounded.
 *
 * <p>A connection is idle while no request of it is being served, so bytes that trickle in keep
 * nothing open, and a restart that takes minutes cuts nobody off. Confined to the server's event
 * loop.
 *
 * @param <C> a connection
 */
final class Connections<C> {
    /** Several load balancers with keep-alive, monitoring and operators together stay below. */
    static final int MAX_OPEN = 1000;

    private static final class Use {
        long idleSinceNanos;
        int requests;

        Use(long idleSinceNanos) {
            this.idleSinceNanos = idleSinceNanos;
        }
    }

    private final Map<C, Use> open = new HashMap<>();

    private final Consumer<C> close;

    Connections(Consumer<C> close) {
        this.close = close;
    }

    /** False when there are too many: the caller closes it. */
    boolean opened(C connection, long nowNanos) {
        if (open.size() >= MAX_OPEN) {
            return false;
        }
        open.put(connection, new Use(nowNanos));
        return true;
    }

    void closed(C connection) {
        open.remove(connection);
    }

    void requestStarted(C connection) {
        Use use = open.get(connection);
        if (use != null) {
            use.requests++;
        }
    }

    void requestEnded(C connection, long nowNanos) {
        Use use = open.get(connection);
        if (use != null) {
            use.requests--;
            use.idleSinceNanos = nowNanos;
        }
    }

    void closeIdle(long nowNanos, long limitNanos) {
        List<C> idle =
                open.entrySet().stream()
                        .filter(entry -> isIdle(entry.getValue(), nowNanos, limitNanos))
                        .map(Map.Entry::getKey)
                        .toList();
        idle.forEach(close); // calls back into closed()
    }

    private static boolean isIdle(Use use, long nowNanos, long limitNanos) {
        return use.requests <= 0 && nowNanos - use.idleSinceNanos > limitNanos;
    }

    int size() {
        return open.size();
    }
}
