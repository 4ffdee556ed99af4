package io.pgnode.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** Calls and answers of {@code gateway.sock} as lines of JSON. Thread-safe. */
final class HoldCodec {
    static final int MAX_LINE_BYTES = 4096;

    /** Of a refusal; a byte may become six of JSON. */
    private static final int MAX_WHY = 1200;

    /** As the words of a log line, which it becomes. */
    private static final int MAX_OWNER_LENGTH = 63;

    private final ObjectMapper mapper = new ObjectMapper();

    /** A call with its number, which the answer repeats. */
    record Numbered(long id, HoldCall call) {}

    String encode(long id, HoldCall call) {
        ObjectNode line = mapper.createObjectNode();
        line.put("id", id);
        switch (call) {
            case HoldCall.Hold(HoldRequest request) -> {
                line.put("call", "hold");
                line.put("owner", request.owner());
                scope(line, request.scope());
                line.put("epoch", request.epoch());
                line.put("limit_ms", request.limit().toMillis());
            }
            case HoldCall.Drained(HoldScope scope, Duration limit) -> {
                line.put("call", "drained");
                scope(line, scope);
                line.put("limit_ms", limit.toMillis());
            }
            case HoldCall.Release(String owner, HoldScope scope) -> {
                line.put("call", "release");
                line.put("owner", owner);
                scope(line, scope);
            }
            case HoldCall.Status(HoldScope scope) -> {
                line.put("call", "status");
                scope(line, scope);
            }
            case HoldCall.Reload _ -> line.put("call", "reload");
        }
        return line.toString();
    }

    private static void scope(ObjectNode line, HoldScope scope) {
        line.put("scope", scope.name().toLowerCase(Locale.ROOT));
    }

    Numbered decode(String line) throws IOException {
        JsonNode in = object(line);
        HoldCall call =
                switch (in.path("call").asText()) {
                    case "hold" ->
                            new HoldCall.Hold(
                                    new HoldRequest(
                                            owner(in), scope(in), whole(in, "epoch"), limit(in)));
                    case "drained" -> new HoldCall.Drained(scope(in), limit(in));
                    case "release" -> new HoldCall.Release(owner(in), scope(in));
                    case "status" -> new HoldCall.Status(scope(in));
                    case "reload" -> new HoldCall.Reload();
                    default -> throw new IOException("there is no call " + in.path("call"));
                };
        return new Numbered(whole(in, "id"), call);
    }

    String answer(long id, HoldStatus status) {
        ObjectNode line = mapper.createObjectNode();
        line.put("id", id);
        line.put("held", status.isHeld());
        line.put("open", status.open());
        line.put("waiting", status.waiting());
        return line.toString();
    }

    String refusal(long id, String why) {
        ObjectNode line = mapper.createObjectNode();
        line.put("id", id);
        line.put("error", why.length() <= MAX_WHY ? why : why.substring(0, MAX_WHY));
        return line.toString();
    }

    /**
     * @throws IOException when it is no answer, or says why it refuses
     */
    HoldStatus status(String line) throws IOException {
        JsonNode in = object(line);
        if (in.has("error")) {
            throw new HoldClient.Refused(in.path("error").asText());
        }
        return new HoldStatus(
                in.path("held").asBoolean(), (int) whole(in, "open"), (int) whole(in, "waiting"));
    }

    private JsonNode object(String line) throws IOException {
        try {
            JsonNode in = mapper.readTree(line);
            if (in != null && in.isObject()) {
                return in;
            }
        } catch (JsonProcessingException e) {
            throw new IOException("not JSON: " + e.getOriginalMessage(), e);
        }
        throw new IOException("not a JSON object");
    }

    private static HoldScope scope(JsonNode in) throws IOException {
        String text = in.path("scope").asText();
        for (HoldScope scope : HoldScope.values()) {
            if (scope.name().toLowerCase(Locale.ROOT).equals(text)) {
                return scope;
            }
        }
        throw new IOException("scope must be primary or local, was \"" + text + "\"");
    }

    private static String owner(JsonNode in) throws IOException {
        String owner = in.path("owner").asText();
        if (owner.isEmpty() || owner.length() > MAX_OWNER_LENGTH) {
            throw new IOException("owner must have 1.." + MAX_OWNER_LENGTH + " characters");
        }
        return owner;
    }

    private static Duration limit(JsonNode in) throws IOException {
        long millis = whole(in, "limit_ms");
        if (millis < 0 || millis > Duration.ofDays(1).toMillis()) {
            throw new IOException("limit_ms must be 0..86400000, was " + millis);
        }
        return Duration.ofMillis(millis);
    }

    private static long whole(JsonNode in, String field) throws IOException {
        JsonNode value = in.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IOException(field + " must be a whole number, was " + value);
        }
        return value.longValue();
    }
}
