package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolCounters;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The pools that the console shows. Thread-safe. */
final class PoolRecords {
    private final Map<Pool<ClientSession, ServerSession>, PoolRecord> records =
            new ConcurrentHashMap<>();
    private final PoolLedger ledger;
    private final int loops;

    /**
     * @param loops number of event loops
     */
    PoolRecords(PoolLedger ledger, int loops) {
        this.ledger = ledger;
        this.loops = loops;
    }

    void add(Pool<ClientSession, ServerSession> pool, DatabaseSettings database) {
        records.put(pool, new PoolRecord(pool, database, loops));
    }

    /** The pool's database has other settings now. */
    void configured(Pool<ClientSession, ServerSession> pool, DatabaseSettings database) {
        PoolRecord known = records.get(pool);
        if (known != null) {
            known.database(database);
        }
    }

    void remove(Pool<ClientSession, ServerSession> pool) {
        records.remove(pool);
    }

    /** Whether the pool has clients or servers. */
    boolean isUsed(Pool<ClientSession, ServerSession> pool) {
        PoolRecord known = records.get(pool);
        return known == null
                || known.clients() > 0
                || ledger.look(_ -> pool.total() + pool.waiting() > 0);
    }

    /** For those clients of the pool that are on that loop. */
    PoolCounters counters(Pool<ClientSession, ServerSession> pool, int loop) {
        PoolRecord known = records.get(pool);
        return known == null ? new PoolCounters() : known.counters(loop);
    }

    /** A live view. */
    Collection<PoolRecord> all() {
        return Collections.unmodifiableCollection(records.values());
    }

    /**
     * @param database null for all
     */
    List<PoolRecord> of(@Nullable String database) {
        return records.values().stream()
                .filter(pool -> database == null || pool.name().equals(database))
                .toList();
    }
}
