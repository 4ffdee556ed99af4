package io.pgnode.cli.text;

import java.util.List;
import java.util.stream.Collectors;

/** Values separated by tabs, with a line of column names; tabs and line ends become spaces. */
final class TsvTable {
    private TsvTable() {}

    static String render(Table original) {
        Table table = original.withKeyColumn();
        StringBuilder out = new StringBuilder();
        out.append(line(table.columns().stream().map(Column::name).toList()));
        for (List<Cell> row : table.rows()) {
            out.append(line(row.stream().map(Cell::text).toList()));
        }
        return out.toString();
    }

    private static String line(List<String> texts) {
        return texts.stream()
                .map(text -> text.replaceAll("[\t\r\n]+", " "))
                .collect(Collectors.joining("\t", "", "\n"));
    }
}
