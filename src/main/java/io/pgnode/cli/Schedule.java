package io.pgnode.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** The time that {@code --scheduled} names. */
final class Schedule {
    private Schedule() {}

    /**
     * @param text ISO 8601, with an offset or in local time; {@code now} or null for now
     * @return null for now
     * @throws CliException wrong usage, when it is no time, or one that has passed
     */
    static @Nullable Instant parse(@Nullable String text, Instant now) {
        if (text == null || text.equals("now")) {
            return null;
        }
        Instant at = instant(text.strip().replace(' ', 'T'));
        if (!at.isAfter(now)) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--scheduled is " + text + ", which has passed",
                    "now it is " + OffsetDateTime.ofInstant(now, ZoneId.systemDefault()));
        }
        return at;
    }

    private static Instant instant(String text) {
        try {
            boolean hasOffset = text.matches(".*T.*(Z|[+-][0-9:]+)");
            return hasOffset
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--scheduled is \""
                            + text
                            + "\", must be a time like 2026-12-24T18:00:00+01:00",
                    "without an offset it is local time",
                    e);
        }
    }
}
