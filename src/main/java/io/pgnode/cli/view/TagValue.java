package io.pgnode.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;

/** A tag's value with the type that its text shows. */
final class TagValue {
    private TagValue() {}

    static JsonNode json(String text) {
        return switch (text) {
            case "true" -> BooleanNode.TRUE;
            case "false" -> BooleanNode.FALSE;
            default ->
                    text.matches("-?[0-9]{1,18}")
                            ? LongNode.valueOf(Long.parseLong(text))
                            : TextNode.valueOf(text);
        };
    }
}
