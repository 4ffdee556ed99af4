package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolClient;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.PoolSettings;
import io.pgnode.gateway.pooler.core.Pools;
import io.pgnode.gateway.pooler.core.Refusal;
import io.pgnode.gateway.pooler.core.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@link Pools} behind a lock. What they decide is done after the lock was given back: at once when
 * it concerns the caller's own loop, else by a task for the other loop. Thread-safe.
 */
final class PoolLedger {
    /** What the pools want done; called without the lock, on any loop's thread. */
    interface Work {
        void open(PoolServer<ServerSession> server);

        void assign(PoolServer<ServerSession> server, PoolClient<ClientSession> client);

        void close(PoolServer<ServerSession> server, String why);

        void refuse(PoolClient<ClientSession> client, Refusal why);

        void wake(long at);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Pools<ClientSession, ServerSession> pools;
    private final Work work;

    /** Done once the lock is free; most calls leave it empty. */
    private List<Runnable> todo = new ArrayList<>();

    // The usual effect, without an object for it.
    private @Nullable PoolServer<ServerSession> assignedServer;
    private @Nullable PoolClient<ClientSession> assignedClient;

    PoolLedger(int loops, Work work) {
        this.work = work;
        this.pools = new Pools<>(loops, new Collect());
    }

    private final class Collect implements Pools.Effects<ClientSession, ServerSession> {
        @Override
        public void open(PoolServer<ServerSession> server) {
            todo.add(() -> work.open(server));
        }

        @Override
        public void assign(PoolServer<ServerSession> server, PoolClient<ClientSession> client) {
            if (assignedServer == null) {
                assignedServer = server;
                assignedClient = client;
            } else {
                todo.add(() -> work.assign(server, client));
            }
        }

        @Override
        public void close(PoolServer<ServerSession> server, String why) {
            todo.add(() -> work.close(server, why));
        }

        @Override
        public void refuse(PoolClient<ClientSession> client, Refusal why) {
            todo.add(() -> work.refuse(client, why));
        }

        @Override
        public void wake(long at) {
            todo.add(() -> work.wake(at));
        }
    }

    @Nullable PoolServer<ServerSession> acquire(
            Pool<ClientSession, ServerSession> pool,
            PoolClient<ClientSession> client,
            int settings) {
        lock.lock();
        try {
            PoolServer<ServerSession> server =
                    pools.acquire(pool, client, settings, System.nanoTime());
            if (server != null) {
                return server;
            }
        } finally {
            leave();
        }
        return null;
    }

    void release(PoolServer<ServerSession> server, int settings) {
        lock.lock();
        try {
            pools.release(server, settings, System.nanoTime());
        } finally {
            leave();
        }
    }

    /** Anything else; {@code action} must be short and must not block. */
    void with(Consumer<Pools<ClientSession, ServerSession>> action) {
        lock.lock();
        try {
            action.accept(pools);
        } finally {
            leave();
        }
    }

    <T extends @Nullable Object> T look(Function<Pools<ClientSession, ServerSession>, T> question) {
        lock.lock();
        try {
            return question.apply(pools);
        } finally {
            leave();
        }
    }

    void doom(Predicate<PoolServer<ServerSession>> which, String why) {
        with(all -> all.doom(which, why, System.nanoTime()));
    }

    Pool<ClientSession, ServerSession> add(PoolKey key, PoolSettings settings, List<Scope> scopes) {
        return look(all -> all.add(key, settings, scopes));
    }

    private void leave() {
        if (lock.getHoldCount() > 1) {
            lock.unlock();
            return;
        }
        PoolServer<ServerSession> server = assignedServer;
        PoolClient<ClientSession> client = assignedClient;
        assignedServer = null;
        assignedClient = null;
        // Not the list itself while it is empty: others add to that as soon as the lock is free.
        @Nullable List<Runnable> now = todo.isEmpty() ? null : todo;
        if (now != null) {
            todo = new ArrayList<>();
        }
        lock.unlock();
        if (server != null && client != null) {
            work.assign(server, client);
        }
        if (now != null) {
            now.forEach(Runnable::run);
        }
    }
}
