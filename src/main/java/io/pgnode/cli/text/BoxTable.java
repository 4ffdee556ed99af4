package io.pgnode.cli.text;

import java.util.ArrayList;
import java.util.List;

/** A table in a box with the title in its upper border, for terminals. */
final class BoxTable {
    /** A last column narrower than this is not worth showing: then lines may exceed the width. */
    private static final int MIN_LAST_WIDTH = 8;

    private final Table table;
    private final Look look;
    private final int[] widths;
    private final Border border;

    private record Border(
            String top, String middle, String bottom, String vertical, String line, String more) {}

    private static final Border ASCII = new Border("+++", "+++", "+++", "|", "-", "~");
    private static final Border UNICODE = new Border("╭┬╮", "├┼┤", "╰┴╯", "│", "─", "…");

    private BoxTable(Table table, Look look) {
        this.table = table;
        this.look = look;
        this.border = look.unicode() ? UNICODE : ASCII;
        this.widths = widths();
    }

    static String render(Table table, Look look) {
        return new BoxTable(table.withoutEmptyColumns(), look).render();
    }

    private String render() {
        StringBuilder out = new StringBuilder();
        out.append(topLine()).append('\n');
        out.append(row(header(), Style.STRONG)).append('\n');
        out.append(ruler(border.middle())).append('\n');
        for (List<Cell> row : table.rows()) {
            out.append(row(row, Style.PLAIN)).append('\n');
        }
        out.append(ruler(border.bottom())).append('\n');
        for (String note : table.notes()) {
            out.append(' ').append(note).append('\n');
        }
        return out.toString();
    }

    private int[] widths() {
        int[] result = new int[table.columns().size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = width(table.columns().get(i).name());
            for (List<Cell> row : table.rows()) {
                result[i] = Math.max(result[i], width(row.get(i).text()));
            }
        }
        int total = 1;
        for (int width : result) {
            total += width + 3;
        }
        int last = result.length - 1;
        int excess = look.width() == 0 ? 0 : total - look.width();
        if (excess > 0 && result[last] - excess >= MIN_LAST_WIDTH) {
            result[last] -= excess;
        }
        return result;
    }

    private List<Cell> header() {
        List<Cell> cells = new ArrayList<>();
        for (Column column : table.columns()) {
            cells.add(Cell.of(column.name()));
        }
        return cells;
    }

    /** The upper border, the title written over its beginning. */
    private String topLine() {
        String line = ruler(border.top());
        if (table.title().isEmpty()) {
            return line;
        }
        String title = " " + table.title() + " ";
        int length = width(title);
        String start = border.top().substring(0, 1);
        if (length + 2 > width(line)) {
            return start + Style.STRONG.paint(title, look.colour());
        }
        return start + Style.STRONG.paint(title, look.colour()) + line.substring(1 + length);
    }

    private String ruler(String corners) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(corners.charAt(i == 0 ? 0 : 1));
            line.repeat(border.line(), widths[i] + 2);
        }
        return line.append(corners.charAt(2)).toString();
    }

    private String row(List<Cell> cells, Style over) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            Cell cell = cells.get(i);
            String text = cut(cell.text(), widths[i]);
            String padding = " ".repeat(widths[i] - width(text));
            Style style = over == Style.PLAIN ? cell.style() : over;
            String painted = style.paint(text, look.colour());
            boolean right = table.columns().get(i).number();
            line.append(border.vertical()).append(' ');
            line.append(right ? padding + painted : painted + padding).append(' ');
        }
        return line.append(border.vertical()).toString();
    }

    private String cut(String text, int width) {
        if (width(text) <= width) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, width - 1)) + border.more();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
