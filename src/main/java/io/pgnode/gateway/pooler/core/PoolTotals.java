package io.pgnode.gateway.pooler.core;

/**
 * Sums over loops and pools. Times are microseconds.
 *
 * @param received bytes from clients
 * @param sent bytes to clients
 */
public record PoolTotals(
        long assignments,
        long transactions,
        long queries,
        long received,
        long sent,
        long transactionMicros,
        long queryMicros,
        long waitMicros,
        long clientParses,
        long serverParses,
        long binds,
        long logins) {
    public static final PoolTotals ZERO = new PoolTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public PoolTotals plus(PoolTotals other) {
        return new PoolTotals(
                assignments + other.assignments,
                transactions + other.transactions,
                queries + other.queries,
                received + other.received,
                sent + other.sent,
                transactionMicros + other.transactionMicros,
                queryMicros + other.queryMicros,
                waitMicros + other.waitMicros,
                clientParses + other.clientParses,
                serverParses + other.serverParses,
                binds + other.binds,
                logins + other.logins);
    }

    /**
     * What a second of a period brought, as PgBouncer counts it: numbers, bytes and waiting per
     * second, the times of transactions and queries per transaction and query.
     *
     * @param start the totals when the period began; these are those at its end
     * @param nanos length of the period
     */
    public PoolTotals averages(PoolTotals start, long nanos) {
        return new PoolTotals(
                perSecond(assignments - start.assignments, nanos),
                perSecond(transactions - start.transactions, nanos),
                perSecond(queries - start.queries, nanos),
                perSecond(received - start.received, nanos),
                perSecond(sent - start.sent, nanos),
                each(transactionMicros - start.transactionMicros, transactions, start.transactions),
                each(queryMicros - start.queryMicros, queries, start.queries),
                perSecond(waitMicros - start.waitMicros, nanos),
                perSecond(clientParses - start.clientParses, nanos),
                perSecond(serverParses - start.serverParses, nanos),
                perSecond(binds - start.binds, nanos),
                perSecond(logins - start.logins, nanos));
    }

    private static long perSecond(long count, long nanos) {
        return nanos <= 0 ? 0 : (long) (count * 1e9 / nanos);
    }

    private static long each(long micros, long now, long before) {
        return now == before ? 0 : micros / (now - before);
    }
}
