package io.pgnode.agent.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.model.MemberName;
import java.time.Instant;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON object in the body of an unsafe request. Pure. */
record Body(ObjectNode fields) {
    /**
     * @param example shown when the body is something else
     */
    static Body required(String text, JsonText json, String example) throws RequestException {
        if (text.isBlank()) {
            throw new RequestException(400, "the request needs a JSON body such as " + example);
        }
        JsonNode value = parse(text, json, example);
        if (!(value instanceof ObjectNode object) || object.isEmpty()) {
            throw new RequestException(
                    400, "the request body must be a JSON object such as " + example);
        }
        return new Body(object);
    }

    /** An empty body counts as an empty object. */
    static Body optional(String text, JsonText json, String example) throws RequestException {
        if (text.isBlank()) {
            return new Body(json.object());
        }
        JsonNode value = parse(text, json, example);
        if (!(value instanceof ObjectNode object)) {
            throw new RequestException(
                    400, "the request body must be a JSON object such as " + example);
        }
        return new Body(object);
    }

    private static JsonNode parse(String text, JsonText json, String example)
            throws RequestException {
        try {
            return json.parse(text);
        } catch (JsonProcessingException e) {
            throw new RequestException(
                    400,
                    "the request body is not JSON: "
                            + e.getOriginalMessage()
                            + " (line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr())
                            + "); it must be an object such as "
                            + example);
        }
    }

    /** The text of a field; empty when it is missing or null. */
    String text(String field) {
        JsonNode value = fields.path(field);
        return value.isValueNode() && !value.isNull() ? value.asText().strip() : "";
    }

    /** Null when the field is missing, null or empty; a name that cannot exist is refused. */
    @Nullable MemberName member(String field, String refusal) throws RequestException {
        String name = text(field);
        if (name.isEmpty()) {
            return null;
        }
        if (!MemberName.isValid(name)) {
            throw new RequestException(412, refusal);
        }
        return new MemberName(name);
    }

    boolean flag(String field) {
        JsonNode value = fields.path(field);
        return value.isTextual() ? value.asText().equalsIgnoreCase("true") : value.asBoolean();
    }

    /**
     * A moment in the future; null when the field is missing or empty.
     *
     * @param action for the refusal: {@code switchover}, {@code restart}
     */
    @Nullable Instant schedule(String field, String action, Instant now) throws RequestException {
        String text = text(field);
        if (text.isEmpty()) {
            return null;
        }
        Instant at = Schedule.parse(text, action);
        if (at.isBefore(now)) {
            throw new RequestException(422, "Cannot schedule " + action + " in the past");
        }
        return at;
    }

    /** Refuses fields that mean nothing here: a misspelt filter must not widen a request. */
    void allowOnly(Set<String> known, String refusal) throws RequestException {
        for (Iterator<String> names = fields.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new RequestException(400, refusal + ": " + name);
            }
        }
    }
}
