package io.pgnode.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.cli.text.Json;

/** The scheduled restart in a member's key. */
public final class ScheduledRestart {
    private ScheduledRestart() {}

    /**
     * When it happens; empty for none.
     *
     * @param json {@code {"schedule": "2026-11-21T10:00:00+00:00", ...}}, or empty
     */
    public static String describe(String json) {
        if (json.isEmpty()) {
            return "";
        }
        try {
            JsonNode schedule = Json.parse(json).path("schedule");
            return schedule.isTextual() ? schedule.textValue() : json;
        } catch (IllegalArgumentException e) {
            return json; // foreign text: better shown than hidden
        }
    }
}
