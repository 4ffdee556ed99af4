package io.pgnode.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * Names and values that tell the samples of one family apart, in the order they are printed.
 *
 * @param pairs name, value, name, value, …; names match {@code [a-zA-Z_][a-zA-Z0-9_]*}, values are
 *     any text
 */
public record Labels(List<String> pairs) {
    public static final Labels NONE = new Labels(List.of());

    public Labels {
        pairs = List.copyOf(pairs);
        if (pairs.size() % 2 != 0) {
            throw new IllegalArgumentException("labels must be pairs, were " + pairs);
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            if (!MetricName.isValidLabel(pairs.get(i))) {
                throw new IllegalArgumentException(
                        "label name must match [a-zA-Z_][a-zA-Z0-9_]*, was \""
                                + pairs.get(i)
                                + "\"");
            }
        }
    }

    /** {@code Labels.of("scope", "pg-test", "name", "pg-test-1")}. */
    public static Labels of(String... pairs) {
        return new Labels(List.of(pairs));
    }

    /** These labels followed by one more. */
    public Labels with(String name, String value) {
        List<String> more = new ArrayList<>(pairs);
        more.add(name);
        more.add(value);
        return new Labels(more);
    }

    public boolean isEmpty() {
        return pairs.isEmpty();
    }

    /** Appends {@code {name="value",…}}; nothing when there are none. */
    void appendTo(StringBuilder out) {
        if (pairs.isEmpty()) {
            return;
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            out.append(i == 0 ? '{' : ',').append(pairs.get(i)).append("=\"");
            appendEscaped(out, pairs.get(i + 1));
            out.append('"');
        }
        out.append('}');
    }

    private static void appendEscaped(StringBuilder out, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                case '\n' -> out.append("\\n");
                default -> out.append(c);
            }
        }
    }
}
