package io.pgnode.cli.text;

import java.util.List;

/** A table as psql prints it, for pipes and files: every column, always; no decoration. */
final class PlainTable {
    private PlainTable() {}

    static String render(Table original) {
        Table table = original.withKeyColumn();
        int[] widths = new int[table.columns().size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = table.columns().get(i).name().length();
            for (List<Cell> row : table.rows()) {
                widths[i] = Math.max(widths[i], row.get(i).text().length());
            }
        }
        StringBuilder out = new StringBuilder();
        List<String> names = table.columns().stream().map(Column::name).toList();
        line(out, table, names, widths);
        for (int i = 0; i < widths.length; i++) {
            out.append(i == 0 ? "" : "+").repeat("-", widths[i] + 2);
        }
        out.append('\n');
        for (List<Cell> row : table.rows()) {
            line(out, table, row.stream().map(Cell::text).toList(), widths);
        }
        return out.toString();
    }

    private static void line(StringBuilder out, Table table, List<String> texts, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - texts.get(i).length());
            line.append(i == 0 ? " " : " | ");
            boolean right = table.columns().get(i).number();
            line.append(right ? padding + texts.get(i) : texts.get(i) + padding);
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }
}
