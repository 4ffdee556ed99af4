package io.pgnode.agent.rest;

import io.pgnode.agent.Operations.RestartRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the body of {@code /restart}. Pure. */
final class RestartForm {
    static final String EXAMPLE = "{\"role\": \"replica\", \"timeout\": \"30s\"}";

    private static final Set<String> FIELDS =
            Set.of("schedule", "role", "postgres_version", "timeout", "restart_pending");

    private RestartForm() {}

    static RestartRequest read(Body body, boolean isPaused, Instant now) throws RequestException {
        body.allowOnly(FIELDS, "Unknown filter for the scheduled restart");
        Instant schedule = body.schedule("schedule", "restart", now);
        if (schedule != null && isPaused) {
            throw new RequestException(500, "Can't schedule restart in the paused state");
        }
        return new RestartRequest(
                body.flag("restart_pending"),
                role(body.text("role")),
                version(body.text("postgres_version")),
                timeout(body.text("timeout")),
                schedule);
    }

    private static String role(String text) throws RequestException {
        return switch (text) {
            case "", "any" -> "";
            case "primary", "master", "leader" -> "primary";
            case "replica", "standby_leader" -> text;
            default ->
                    throw new RequestException(
                            400,
                            "PostgreSQL role should be either primary, standby_leader, or replica");
        };
    }

    private static String version(String text) throws RequestException {
        if (!text.isEmpty() && !text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){0,2}")) {
            throw new RequestException(400, "Invalid PostgreSQL version: " + text);
        }
        return text;
    }

    /** A number of seconds, or one with a unit: {@code 500ms}, {@code 2min}. */
    private static @Nullable Duration timeout(String text) throws RequestException {
        if (text.isEmpty()) {
            return null;
        }
        Matcher matcher =
                Pattern.compile("([0-9]{1,9})\\s*(ms|s|min|h|d)?")
                        .matcher(text.toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            String unit = matcher.group(2);
            Duration timeout =
                    switch (unit == null ? "s" : unit) {
                        case "ms" -> Duration.ofMillis(number);
                        case "min" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        case "d" -> Duration.ofDays(number);
                        default -> Duration.ofSeconds(number);
                    };
            if (timeout.isPositive()) {
                return timeout;
            }
        }
        throw new RequestException(400, "Timeout should be a positive number of seconds");
    }
}
