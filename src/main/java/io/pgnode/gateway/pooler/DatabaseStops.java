package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Hold;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.Pools;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What admins have stopped: paused databases, whose pools are held, and those that let nobody in. A
 * database of null means all of them. Thread-safe.
 */
final class DatabaseStops {
    static final Hold PAUSE = Hold.pause("PAUSE");

    private final PoolLedger ledger;
    private final PoolRecords pools;

    /** Guards the fields below it; never held while the ledger's lock is waited for by others. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Set<String> paused = new HashSet<>();
    private final Set<String> disabled = new HashSet<>();
    private boolean isAllPaused;

    private volatile boolean isRefusing;

    DatabaseStops(PoolLedger ledger, PoolRecords pools) {
        this.ledger = ledger;
        this.pools = pools;
    }

    /** A new pool; held at once where clients of its database must wait. */
    void created(Pool<ClientSession, ServerSession> pool, DatabaseSettings database) {
        lock.lock();
        try {
            pools.add(pool, database);
            if (isAllPaused || paused.contains(database.name())) {
                ledger.with(all -> all.hold(pool, PAUSE));
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isPaused(@Nullable String database) {
        lock.lock();
        try {
            return database == null ? isAllPaused : paused.contains(database);
        } finally {
            lock.unlock();
        }
    }

    void pause(@Nullable String database) {
        lock.lock();
        try {
            if (database == null) {
                isAllPaused = true;
            } else {
                paused.add(database);
            }
            ledger.with(all -> pools.of(database).forEach(pool -> all.hold(pool.pool(), PAUSE)));
        } finally {
            lock.unlock();
        }
    }

    void resume(@Nullable String database) {
        lock.lock();
        try {
            if (database == null) {
                isAllPaused = false;
            } else {
                paused.remove(database);
            }
            List<PoolRecord> free =
                    pools.of(database).stream()
                            .filter(pool -> !isAllPaused && !paused.contains(pool.name()))
                            .toList();
            ledger.with(all -> free.forEach(pool -> resume(all, pool)));
        } finally {
            lock.unlock();
        }
    }

    private static void resume(Pools<ClientSession, ServerSession> all, PoolRecord pool) {
        all.resume(pool.pool(), PAUSE.owner(), 0, System.nanoTime());
    }

    void disable(String database, boolean isDisabled) {
        lock.lock();
        try {
            if (isDisabled) {
                disabled.add(database);
            } else {
                disabled.remove(database);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isDisabled(String database) {
        lock.lock();
        try {
            return disabled.contains(database);
        } finally {
            lock.unlock();
        }
    }

    /** Nobody may log in any more. */
    void refuseAll() {
        isRefusing = true;
    }

    /** Why nobody may log in to this database; null when he may. */
    @Nullable ErrorMessage refusal(String database) {
        if (isRefusing) {
            return ErrorMessage.fatal(SqlState.CANNOT_CONNECT_NOW, "pooler is shutting down");
        }
        return isDisabled(database)
                ? ErrorMessage.fatal(
                        SqlState.CANNOT_CONNECT_NOW, "database \"" + database + "\" is disabled")
                : null;
    }
}
