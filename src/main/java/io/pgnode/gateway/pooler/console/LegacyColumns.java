package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.BackendMessages.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Columns that PgBouncer dropped or renamed, appended for exporters that still ask for them: Debian
 * 12's {@code prometheus-pgbouncer-exporter} stops at any PgBouncer since 1.8 because {@code
 * total_requests} is gone. Given to clients with its name as application_name only, so that all
 * others see the exact columns.
 */
final class LegacyColumns {
    static final String WANTED_BY = "prometheus-pgbouncer-exporter";

    /** Name that is missing, and the column that holds the value now. */
    private static final List<Map.Entry<Column, String>> LEGACY =
            List.of(
                    Map.entry(Column.numeric("total_requests"), "total_query_count"),
                    Map.entry(Column.numeric("avg_req"), "avg_query_count"),
                    Map.entry(Column.numeric("avg_query"), "avg_query_time"),
                    Map.entry(Column.int4("reserve_pool"), "reserve_pool_size"));

    private LegacyColumns() {}

    /**
     * @param parameters of the startup message
     */
    static boolean areWanted(Map<String, String> parameters) {
        return parameters.getOrDefault("application_name", "").equals(WANTED_BY);
    }

    static Table added(Table table) {
        List<Column> columns = new ArrayList<>(table.columns());
        List<List<@Nullable String>> rows = new ArrayList<>();
        table.rows().forEach(row -> rows.add(new ArrayList<>(row)));
        for (Map.Entry<Column, String> legacy : LEGACY) {
            int source = indexOf(table.columns(), legacy.getValue());
            if (source >= 0) {
                columns.add(legacy.getKey());
                rows.forEach(row -> row.add(row.get(source)));
            }
        }
        return new Table(columns, rows);
    }

    private static int indexOf(List<Column> columns, String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
