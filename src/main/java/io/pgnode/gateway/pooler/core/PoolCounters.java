package io.pgnode.gateway.pooler.core;

/**
 * What the clients of one pool did on one event loop. Plain fields, so that counting costs next to
 * nothing: only the loop's thread writes, others read what may be a moment old. Times are
 * nanoseconds.
 */
public final class PoolCounters {
    /** Waiting for a server. */
    public final LatencyHistogram queue = new LatencyHistogram();

    /** From getting a server to its being ours: moved to our loop, its settings changed. */
    public final LatencyHistogram link = new LatencyHistogram();

    /** The server at work. */
    public final LatencyHistogram server = new LatencyHistogram();

    /** The client not reading what it is sent. */
    public final LatencyHistogram write = new LatencyHistogram();

    /** Clients that are logged in at present. */
    public int clients;

    public long logins;
    public long assignments;
    public long transactions;
    public long queries;
    public long received;
    public long sent;
    public long transactionNanos;
    public long queryNanos;
    public long waitNanos;
    public long clientParses;
    public long serverParses;
    public long binds;

    /** The counts so far; times in microseconds. */
    public PoolTotals totals() {
        return new PoolTotals(
                assignments,
                transactions,
                queries,
                received,
                sent,
                transactionNanos / 1_000,
                queryNanos / 1_000,
                waitNanos / 1_000,
                clientParses,
                serverParses,
                binds,
                logins);
    }
}
