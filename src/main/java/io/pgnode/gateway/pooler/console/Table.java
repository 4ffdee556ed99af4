package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.BackendMessages.Column;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of text under typed columns. Confined to one thread until it is handed over.
 *
 * @param rows null for NULL
 */
record Table(List<Column> columns, List<List<@Nullable String>> rows) {
    static Table of(List<Column> columns) {
        return new Table(columns, new ArrayList<>());
    }

    /** Numbers, booleans as 0 and 1, texts, null. */
    Table row(@Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(
                    "a row of " + values.length + " for " + columns.size() + " columns");
        }
        List<@Nullable String> row = new ArrayList<>();
        for (Object value : values) {
            row.add(text(value));
        }
        rows.add(row);
        return this;
    }

    private static @Nullable String text(@Nullable Object value) {
        if (value instanceof Boolean yes) {
            return yes ? "1" : "0";
        }
        return value == null ? null : value.toString();
    }
}
