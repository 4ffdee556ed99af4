package io.pgnode.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A section of free form, kept as the text of a JSON object.
 *
 * @param json always an object
 */
public record JsonTree(String json) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public JsonTree {
        read(json);
    }

    /** A copy that the caller may change. */
    public ObjectNode object() {
        return read(json);
    }

    /** The keys with their values as text, in their order; a section's or list's is its JSON. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        read(json)
                .properties()
                .forEach(
                        entry ->
                                texts.put(
                                        entry.getKey(),
                                        entry.getValue().isValueNode()
                                                ? entry.getValue().asText()
                                                : entry.getValue().toString()));
        return texts;
    }

    @Override
    public String toString() {
        return json;
    }

    private static ObjectNode read(String json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON object: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("must be a section of keys");
    }
}
