package io.pgnode.cli.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A table as a list of objects; values that are not there have no key. */
final class TableJson {
    private TableJson() {}

    static ArrayNode of(Table original) {
        Table table = original.withKeyColumn();
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (List<Cell> row : table.rows()) {
            ObjectNode object = list.addObject();
            for (int i = 0; i < row.size(); i++) {
                if (!row.get(i).value().isNull()) {
                    object.set(table.columns().get(i).name(), row.get(i).value());
                }
            }
        }
        return list;
    }
}
