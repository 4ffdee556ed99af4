package io.pgnode.gateway.stats;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The rows of statistics as CSV and JSON, byte for byte as HAProxy's consumers expect them. */
final class StatText {
    private StatText() {}

    static String csv(List<StatRows.Row> rows) {
        StringBuilder out = new StringBuilder("# ");
        for (Columns.Column column : Columns.ALL) {
            out.append(column.name()).append(',');
        }
        out.append('\n');
        for (StatRows.Row row : rows) {
            for (Columns.Column column : Columns.ALL) {
                out.append(quoted(row.values().getOrDefault(column.name(), ""))).append(',');
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static String quoted(String value) {
        boolean isPlain =
                value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return isPlain ? value : '"' + value.replace("\"", "\"\"") + '"';
    }

    static String json(List<StatRows.Row> rows) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (StatRows.Row row : rows) {
            ArrayNode fields = all.addArray();
            for (int i = 0; i < Columns.ALL.size(); i++) {
                Columns.Column column = Columns.ALL.get(i);
                String value = row.values().get(column.name());
                if (value != null && !column.name().equals("-")) {
                    fields.add(field(row, i, column, value));
                }
            }
        }
        return all.toString();
    }

    private static ObjectNode field(
            StatRows.Row row, int position, Columns.Column column, String value) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("objType", row.object());
        node.put("proxyId", row.proxy());
        node.put("id", row.server());
        node.putObject("field").put("pos", position).put("name", column.name());
        node.put("processNum", 1);
        node.putObject("tags")
                .put("origin", origin(column.tags().charAt(0)))
                .put("nature", nature(column.tags().charAt(1)))
                .put("scope", scope(column.tags().charAt(2)));
        ObjectNode typed = node.putObject("value").put("type", column.type());
        if (column.type().equals("str")) {
            typed.put("value", value);
        } else {
            typed.put("value", Long.parseLong(value));
        }
        return node;
    }

    private static String origin(char letter) {
        return switch (letter) {
            case 'S' -> "Status";
            case 'K' -> "Key";
            case 'C' -> "Config";
            case 'P' -> "Product";
            default -> "Metric";
        };
    }

    private static String nature(char letter) {
        return switch (letter) {
            case 'A' -> "Age";
            case 'a' -> "Avg";
            case 'C' -> "Counter";
            case 'D' -> "Duration";
            case 'G' -> "Gauge";
            case 'L' -> "Limit";
            case 'M' -> "Max";
            case 'm' -> "Min";
            case 'N' -> "Name";
            case 'O' -> "Output";
            case 'R' -> "Rate";
            default -> "Time";
        };
    }

    private static String scope(char letter) {
        return switch (letter) {
            case 'C' -> "Cluster";
            case 'S' -> "Service";
            case 's' -> "System";
            default -> "Process";
        };
    }

    /** As {@code show stat typed}. */
    static String typed(List<StatRows.Row> rows) {
        StringBuilder out = new StringBuilder();
        for (StatRows.Row row : rows) {
            for (int i = 0; i < Columns.ALL.size(); i++) {
                Columns.Column column = Columns.ALL.get(i);
                String value = row.values().get(column.name());
                if (value != null && !column.name().equals("-")) {
                    out.append(row.object().charAt(0))
                            .append('.')
                            .append(row.proxy())
                            .append('.')
                            .append(row.server())
                            .append('.')
                            .append(i)
                            .append('.')
                            .append(column.name())
                            .append(".1:")
                            .append(column.tags())
                            .append(':')
                            .append(column.type())
                            .append(':')
                            .append(value)
                            .append('\n');
                }
            }
            out.append('\n');
        }
        return out.toString();
    }
}
