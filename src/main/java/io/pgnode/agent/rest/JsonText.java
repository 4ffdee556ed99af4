package io.pgnode.agent.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * JSON as text. Printed with a space after each colon and comma and with ASCII only, because
 * scripts that watch Patroni grep for {@code "role": "replica"}. Thread-safe.
 */
final class JsonText {
    private final ObjectMapper mapper =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private final ObjectWriter writer =
            mapper.writer(new Spaces()).with(JsonWriteFeature.ESCAPE_NON_ASCII);

    String print(JsonNode node) {
        try {
            return writer.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // a tree in memory always prints
        }
    }

    /**
     * @throws JsonProcessingException when it is not one JSON value
     */
    JsonNode parse(String text) throws JsonProcessingException {
        return mapper.readTree(text);
    }

    ObjectNode object() {
        return mapper.createObjectNode();
    }

    /** The same JSON in our spacing; text that is not JSON stays as it is. */
    String reprint(String text) {
        try {
            return print(parse(text));
        } catch (JsonProcessingException e) {
            return text;
        }
    }

    private static final class Spaces extends MinimalPrettyPrinter {
        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator out) throws IOException {
            out.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator out) throws IOException {
            out.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator out) throws IOException {
            out.writeRaw(", ");
        }
    }
}
