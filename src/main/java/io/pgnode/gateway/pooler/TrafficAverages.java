package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolTotals;
import io.pgnode.gateway.pooler.core.StatsPeriod;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/** What pools did in the last whole period. Thread-safe. */
final class TrafficAverages {
    private static final Logger LOG = Logger.getLogger(TrafficAverages.class);

    private final PoolRecords pools;
    private final ReentrantLock lock = new ReentrantLock();
    private final StatsPeriod period = new StatsPeriod(System.nanoTime()); // under the lock

    TrafficAverages(PoolRecords pools) {
        this.pools = pools;
    }

    /** A period is over. */
    void endPeriod(boolean isLogged) {
        Map<String, PoolTotals> totals = new HashMap<>();
        pools.all().forEach(pool -> totals.merge(pool.name(), pool.totals(), PoolTotals::plus));
        PoolTotals all;
        lock.lock();
        try {
            period.end(totals, System.nanoTime());
            all = period.averages();
        } finally {
            lock.unlock();
        }
        if (!isLogged) {
            return;
        }
        LOG.infof(
                "stats: %d xacts/s, %d queries/s, %d client parses/s, %d server parses/s,"
                        + " %d binds/s, in %d B/s, out %d B/s, xact %d us, query %d us, wait %d us",
                all.transactions(),
                all.queries(),
                all.clientParses(),
                all.serverParses(),
                all.binds(),
                all.received(),
                all.sent(),
                all.transactionMicros(),
                all.queryMicros(),
                all.waitMicros());
    }

    PoolTotals of(String database) {
        lock.lock();
        try {
            return period.averages(database);
        } finally {
            lock.unlock();
        }
    }

    /** Of all databases together. */
    PoolTotals ofAll() {
        lock.lock();
        try {
            return period.averages();
        } finally {
            lock.unlock();
        }
    }
}
