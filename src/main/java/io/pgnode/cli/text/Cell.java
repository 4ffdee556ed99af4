package io.pgnode.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;

/**
 * One value of a table.
 *
 * @param text for people; one line
 * @param value for programs; null of JSON when there is nothing to tell, which leaves the key out
 */
public record Cell(String text, JsonNode value, Style style) {
    public static final Cell EMPTY = new Cell("", NullNode.getInstance(), Style.PLAIN);

    public static Cell of(String text) {
        return of(text, Style.PLAIN);
    }

    public static Cell of(String text, Style style) {
        return text.isEmpty() ? EMPTY : new Cell(text, TextNode.valueOf(text), style);
    }

    public static Cell of(long number) {
        return of(number, Style.PLAIN);
    }

    public static Cell of(long number, Style style) {
        return new Cell(Long.toString(number), LongNode.valueOf(number), style);
    }

    public static Cell of(boolean value) {
        return new Cell(value ? "yes" : "no", BooleanNode.valueOf(value), Style.PLAIN);
    }

    public static Cell of(String text, JsonNode value, Style style) {
        return new Cell(text, value, style);
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }
}
