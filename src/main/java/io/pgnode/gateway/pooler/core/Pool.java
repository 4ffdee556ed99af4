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
    boolean isRemoved;

    /** There is a place where servers can be opened. */
    boolean isRouted = true;

    /** Raised when the servers are elsewhere: those of an older one are not given out any more. */
    int generation;

    /** In the order they came; with none of them servers are given out. */
    final List<Hold> holds = new ArrayList<>(2);

    /** Who has a ticket below this waited when the last hold ended. */
    long resumedAt;

    /** Servers in hands of clients that a hold keeps from going on. */
    int resting;

    /** When opening may be tried again. */
    long retryAt;

    /** Since when nothing could be opened; only while {@link #lastFailure} is set. */
    long failingSince;

    /** Since when not even a server that starts answered; only while that is so. */
    long unreachableSince;

    /** The last attempt was answered: the server starts or stops. */
    boolean isStarting;

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
        return !holds.isEmpty();
    }

    /** What holds it, in the order it came. */
    public List<Hold> holds() {
        return List.copyOf(holds);
    }

    /** Whether some of those who waited when the last hold ended still wait. */
    public boolean isResuming() {
        return holds.isEmpty() && hasWaiting(resumedAt);
    }

    /** Whether somebody who began to wait before that {@link Pools#ticket ticket} still does. */
    public boolean hasWaiting(long before) {
        PoolClient<C> oldest = longestWaiting();
        return oldest != null && oldest.ticket < before;
    }

    /**
     * Servers in clients' hands without those that rest: their transactions, or queries, have begun
     * and not ended.
     */
    public int open() {
        return active - resting;
    }

    boolean closesIdle() {
        for (int i = 0; i < holds.size(); i++) {
            if (holds.get(i).closesIdle()) {
                return true;
            }
        }
        return false;
    }

    /** Nothing but holds whose limits have passed keep clients waiting. */
    boolean isRefusing(long now) {
        for (int i = 0; i < holds.size(); i++) {
            if (!holds.get(i).isOver(now)) {
                return false;
            }
        }
        return !holds.isEmpty();
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
