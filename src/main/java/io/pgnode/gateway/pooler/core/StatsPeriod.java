package io.pgnode.gateway.pooler.core;

import java.util.Map;

/**
 * The totals of each name at both ends of the last whole period; averages are taken between them.
 * Confined to one thread.
 */
public final class StatsPeriod {
    private record Mark(long nanos, Map<String, PoolTotals> totals) {}

    private Mark start;
    private Mark end;

    /**
     * @param now nanoseconds of a monotonic clock, as later
     */
    public StatsPeriod(long now) {
        this.start = new Mark(now, Map.of());
        this.end = start;
    }

    /** A period ended with these totals. */
    public void end(Map<String, PoolTotals> totals, long now) {
        start = end;
        end = new Mark(now, Map.copyOf(totals));
    }

    /** Averages of the last whole period; zero before the first one ended. */
    public PoolTotals averages(String name) {
        PoolTotals now = end.totals.getOrDefault(name, PoolTotals.ZERO);
        PoolTotals before = start.totals.getOrDefault(name, PoolTotals.ZERO);
        return now.averages(before, end.nanos - start.nanos);
    }

    /** Averages of all names together. */
    public PoolTotals averages() {
        return sum(end.totals).averages(sum(start.totals), end.nanos - start.nanos);
    }

    private static PoolTotals sum(Map<String, PoolTotals> totals) {
        return totals.values().stream().reduce(PoolTotals.ZERO, PoolTotals::plus);
    }
}
