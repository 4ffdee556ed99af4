package io.pgnode.agent.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/** Reads and writes the bodies of {@code /hold} and {@code /release}. Pure. */
final class HoldForm {
    static final String EXAMPLE =
            "{\"owner\": \"operator\", \"scope\": \"primary\", \"limit_ms\": 30000}";

    private static final Set<String> HOLD = Set.of("owner", "scope", "epoch", "limit_ms");
    private static final Set<String> RELEASE = Set.of("owner", "scope");

    /** Nobody stays held for longer because a caller was lost. */
    private static final long MAX_LIMIT_MILLIS = Duration.ofHours(1).toMillis();

    /** What a release names: who held whom. */
    record Release(String owner, HoldScope scope) {}

    private HoldForm() {}

    static HoldRequest read(Body body) throws RequestException {
        body.allowOnly(HOLD, "Unknown field of a hold");
        long epoch = number(body, "epoch", Long.MAX_VALUE);
        long limit = number(body, "limit_ms", -1);
        if (limit < 1 || limit > MAX_LIMIT_MILLIS) {
            throw new RequestException(
                    400, "limit_ms must be 1.." + MAX_LIMIT_MILLIS + " milliseconds");
        }
        return new HoldRequest(owner(body), scope(body), epoch, Duration.ofMillis(limit));
    }

    static Release readRelease(Body body) throws RequestException {
        body.allowOnly(RELEASE, "Unknown field of a release");
        return new Release(owner(body), scope(body));
    }

    static ObjectNode write(HoldRequest request, JsonText json) {
        ObjectNode body = writeRelease(request.owner(), request.scope(), json);
        body.put("epoch", request.epoch());
        body.put("limit_ms", request.limit().toMillis());
        return body;
    }

    static ObjectNode writeRelease(String owner, HoldScope scope, JsonText json) {
        ObjectNode body = json.object();
        body.put("owner", owner);
        body.put("scope", scope.name().toLowerCase(Locale.ROOT));
        return body;
    }

    static ObjectNode answer(HoldStatus status, JsonText json) {
        ObjectNode answer = json.object();
        answer.put("held", status.isHeld());
        answer.put("open", status.open());
        answer.put("waiting", status.waiting());
        return answer;
    }

    private static String owner(Body body) throws RequestException {
        String owner = body.text("owner");
        if (!owner.matches("[a-zA-Z0-9._-]{1,63}")) {
            throw new RequestException(400, "owner must be 1..63 characters of [a-zA-Z0-9._-]");
        }
        return owner;
    }

    private static HoldScope scope(Body body) throws RequestException {
        return switch (body.text("scope")) {
            case "primary" -> HoldScope.PRIMARY;
            case "local" -> HoldScope.LOCAL;
            default -> throw new RequestException(400, "scope must be primary or local");
        };
    }

    private static long number(Body body, String field, long otherwise) throws RequestException {
        JsonNode value = body.fields().path(field);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new RequestException(400, field + " must be a whole number");
        }
        return value.asLong();
    }
}
