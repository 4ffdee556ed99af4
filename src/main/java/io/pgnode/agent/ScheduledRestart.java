package io.pgnode.agent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How a restart at a later time is shown to others, in Patroni's fields. */
final class ScheduledRestart {
    private ScheduledRestart() {}

    /**
     * JSON with the time, the conditions that were asked for, and when the server that is to be
     * restarted started: another one is left alone.
     */
    static String json(
            Operations.RestartRequest request, Instant when, long postmasterStartMillis) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("schedule", time("yyyy-MM-dd'T'HH:mm:ssxxx", when));
        if (!request.role().isEmpty()) {
            json.put("role", request.role());
        }
        if (!request.postgresVersion().isEmpty()) {
            json.put("postgres_version", request.postgresVersion());
        }
        if (request.onlyPending()) {
            json.put("restart_pending", true);
        }
        Duration timeout = request.timeout();
        if (timeout != null) {
            json.put("timeout", timeout.toSeconds());
        }
        json.put(
                "postmaster_start_time",
                time("yyyy-MM-dd HH:mm:ss.SSSSSSxxx", Instant.ofEpochMilli(postmasterStartMillis)));
        return json.toString();
    }

    private static String time(String pattern, Instant instant) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT)
                .format(instant.atOffset(ZoneOffset.UTC));
    }
}
