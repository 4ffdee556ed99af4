package io.pgnode.gateway.pooler.core;

/**
 * Sizes and times of one pool. Times are nanoseconds; zero of a time-out means never.
 *
 * @param size most servers in ordinary times, at least 1
 * @param minimum servers kept open even when nobody needs them
 * @param reserve further servers once somebody waited for {@code reserveAfter}
 * @param waitLimit how long a client waits for a server
 * @param outageLimit how long clients wait while no server can be opened; afterwards they are
 *     refused at once
 * @param idleLimit an idle server is closed after this
 * @param lifetime a server is closed after this, when it is idle
 */
public record PoolSettings(
        int size,
        int minimum,
        int reserve,
        long reserveAfter,
        long waitLimit,
        long outageLimit,
        long idleLimit,
        long lifetime) {
    public PoolSettings {
        if (size < 1 || minimum < 0 || reserve < 0) {
            throw new IllegalArgumentException("pool sizes are out of range");
        }
    }
}
