package io.pgnode.cli.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows to show, in any {@link OutputFormat}.
 *
 * @param title what the rows are; shown to people only
 * @param key a column with the same value in every row, which people see in the title: scripts get
 *     it as first column; null value of JSON for none
 * @param notes sentences below the table, for people only
 */
public record Table(
        String title, Key key, List<Column> columns, List<List<Cell>> rows, List<String> notes) {
    /**
     * @param name empty for none
     */
    public record Key(String name, String value) {
        public static final Key NONE = new Key("", "");
    }

    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        notes = List.copyOf(notes);
        for (List<Cell> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row must have " + columns.size() + " cells, has " + row.size());
            }
        }
    }

    public Table(String title, List<Column> columns, List<List<Cell>> rows) {
        this(title, Key.NONE, columns, rows, List.of());
    }

    /** The same with the key as an ordinary first column. */
    Table withKeyColumn() {
        if (key.name().isEmpty()) {
            return this;
        }
        List<Column> wider = new ArrayList<>(List.of(Column.text(key.name())));
        wider.addAll(columns);
        List<List<Cell>> widerRows = new ArrayList<>();
        for (List<Cell> row : rows) {
            List<Cell> cells = new ArrayList<>(List.of(Cell.of(key.value())));
            cells.addAll(row);
            widerRows.add(cells);
        }
        return new Table(title, Key.NONE, wider, widerRows, notes);
    }

    /** The same without the optional columns that have no value in any row. */
    Table withoutEmptyColumns() {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int column = i;
            if (!columns.get(i).optional()
                    || rows.stream().anyMatch(row -> !row.get(column).isEmpty())) {
                kept.add(i);
            }
        }
        return new Table(
                title,
                key,
                kept.stream().map(columns::get).toList(),
                rows.stream().map(row -> kept.stream().map(row::get).toList()).toList(),
                notes);
    }
}
