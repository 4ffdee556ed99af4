package io.pgnode.gateway.pooler.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one key and the clients that wait for them. Confined to its {@link Pools}.
 *
 * @param <C> a client connection
 * @param <S> a server connection
 */
public final class Pool<C, S> {
    final List<Scope> scopes;
    final List<WaitQueue<C>> waiting;
    final List<IdleStack<S>> idle;

    PoolSettings settings;
    int active;
    int idleCount;
    int opening;
    int waitingCount;
    boolean isHeld;
    boolean isRemoved;

    /** There is a place where servers can be opened. */
    boolean isRouted = true;

    /** Raised when the servers are elsewhere: those of an older one are not given out any more. */
    int generation;

    /** When opening may be tried again. */
    long retryAt;

    long backoff;

    /** Since when nothing could be opened; only while {@link #lastFailure} is set. */
    long failingSince;

    @Nullable String lastFailure;

    private final PoolKey key;

    Pool(PoolKey key, PoolSettings settings, List<Scope> scopes, int loops) {
        this.key = key;
        this.settings = settings;
        this.scopes = List.copyOf(scopes);
        this.waiting = new ArrayList<>(loops);
        this.idle = new ArrayList<>(loops);
        for (int i = 0; i < loops; i++) {
            waiting.add(new WaitQueue<>());
            idle.add(new IdleStack<>());
        }
    }

    public PoolKey key() {
        return key;
    }

    public PoolSettings settings() {
        return settings;
    }

    /** Servers in clients' hands. */
    public int active() {
        return active;
    }

    public int idle() {
        return idleCount;
    }

    public int opening() {
        return opening;
    }

    /** Clients that wait. */
    public int waiting() {
        return waitingCount;
    }

    public int total() {
        return active + idleCount + opening;
    }

    /** Nobody gets a server for the time being. */
    public boolean isHeld() {
        return isHeld;
    }

    /** Whether there is a place where servers can be opened. */
    public boolean isRouted() {
        return isRouted;
    }

    /** Why the last attempt to open a server failed; null when it did not. */
    public @Nullable String lastFailure() {
        return lastFailure;
    }

    /** The client that waits longest; null when nobody does. */
    public @Nullable PoolClient<C> longestWaiting() {
        PoolClient<C> oldest = null;
        for (int i = 0; i < waiting.size(); i++) {
            PoolClient<C> first = waiting.get(i).first();
            if (first != null && (oldest == null || first.ticket < oldest.ticket)) {
                oldest = first;
            }
        }
        return oldest;
    }

    /** The idle server that was used longest ago; null when there is none. */
    @Nullable PoolServer<S> longestIdle() {
        PoolServer<S> longest = null;
        for (IdleStack<S> stack : idle) {
            PoolServer<S> oldest = stack.oldest();
            if (oldest != null && (longest == null || oldest.idleSince < longest.idleSince)) {
                longest = oldest;
            }
        }
        return longest;
    }

    /** The scope that keeps another server from being opened; null when there is room in all. */
    public @Nullable Scope fullScope() {
        for (Scope scope : scopes) {
            if (scope.isFull()) {
                return scope;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return key.toString();
    }
}
