package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.core.PoolTotals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of counters. */
final class Statistics {
    /** As SHOW TOTALS calls the counters, in the order of {@link #numbers}. */
    private static final List<String> NAMES =
            List.of(
                    "server_assignment_count",
                    "xact_count",
                    "query_count",
                    "client_bytes",
                    "server_bytes",
                    "xact_time",
                    "query_time",
                    "wait_time",
                    "client_parse_count",
                    "server_parse_count",
                    "bind_count");

    private Statistics() {}

    static List<Long> numbers(PoolTotals of) {
        return List.of(
                of.assignments(),
                of.transactions(),
                of.queries(),
                of.received(),
                of.sent(),
                of.transactionMicros(),
                of.queryMicros(),
                of.waitMicros(),
                of.clientParses(),
                of.serverParses(),
                of.binds());
    }

    /** Totals by database; each database that exists is there. */
    static Map<String, PoolTotals> totals(PoolerAdmin admin) {
        Map<String, PoolTotals> result = new LinkedHashMap<>();
        admin.averages().forEach(line -> result.put(line.database(), PoolTotals.ZERO));
        for (PoolView pool : admin.pools()) {
            result.merge(pool.database(), pool.totals(), PoolTotals::plus);
        }
        return result;
    }

    private static Map<String, PoolTotals> averages(PoolerAdmin admin) {
        Map<String, PoolTotals> result = new LinkedHashMap<>();
        admin.averages().forEach(line -> result.put(line.database(), line.averages()));
        return result;
    }

    static Table stats(PoolerAdmin admin) {
        Map<String, PoolTotals> averages = averages(admin);
        Table table = Table.of(Topic.STATS.columns());
        totals(admin)
                .forEach(
                        (database, totals) -> {
                            List<Object> row = new ArrayList<>();
                            row.add(database);
                            row.addAll(numbers(totals));
                            row.addAll(numbers(averages.getOrDefault(database, PoolTotals.ZERO)));
                            table.row(row.toArray());
                        });
        return table;
    }

    static Table totalsTable(PoolerAdmin admin) {
        return byDatabase(Topic.STATS_TOTALS, totals(admin));
    }

    static Table averagesTable(PoolerAdmin admin) {
        return byDatabase(Topic.STATS_AVERAGES, averages(admin));
    }

    private static Table byDatabase(Topic topic, Map<String, PoolTotals> of) {
        Table table = Table.of(topic.columns());
        of.forEach(
                (database, totals) -> {
                    List<Object> row = new ArrayList<>();
                    row.add(database);
                    row.addAll(numbers(totals));
                    table.row(row.toArray());
                });
        return table;
    }

    static Table sums(PoolerAdmin admin) {
        Table table = Table.of(Topic.TOTALS.columns());
        PoolTotals totals =
                totals(admin).values().stream().reduce(PoolTotals.ZERO, PoolTotals::plus);
        sums(table, "total_", totals);
        sums(table, "avg_", admin.averagesOfAll());
        return table;
    }

    private static void sums(Table table, String prefix, PoolTotals of) {
        List<Long> numbers = numbers(of);
        for (int i = 0; i < NAMES.size(); i++) {
            table.row(prefix + NAMES.get(i), numbers.get(i));
        }
    }
}
