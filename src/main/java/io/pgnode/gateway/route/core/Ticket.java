package io.pgnode.gateway.route.core;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client's wish for a server, and what came of it. Belongs to its {@link Dispatcher}.
 *
 * @param <T> the session it stands for
 */
public final class Ticket<T> {
    private final T session;
    private final int sourceHash;
    final Set<String> failedServers = new HashSet<>();
    long arrivedNanos;
    volatile @Nullable ServerSlot slot;
    boolean isQueued;

    /**
     * @param sourceHash of the client's address
     */
    public Ticket(T session, int sourceHash) {
        this.session = session;
        this.sourceHash = sourceHash;
    }

    public T session() {
        return session;
    }

    int sourceHash() {
        return sourceHash;
    }

    /** The server it holds a place on; null while it waits and after it ended. */
    public @Nullable ServerSlot slot() {
        return slot;
    }

    public boolean isQueued() {
        return isQueued;
    }
}
