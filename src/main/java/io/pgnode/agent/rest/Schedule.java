package io.pgnode.agent.rest;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/** Moments as operators write them: ISO 8601 with a mandatory time zone. Pure. */
final class Schedule {
    private Schedule() {}

    /** {@code 2026-11-20T12:00+00}, {@code 2026-11-20 12:00:00.5+01:00}, {@code …Z}. */
    static Instant parse(String text, String action) throws RequestException {
        DateTimeFormatter format =
                new DateTimeFormatterBuilder()
                        .appendPattern("uuuu-MM-dd['T'][' ']HH:mm[:ss]")
                        .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                        .appendPattern("[' '][XXX][XX][X]")
                        .toFormatter(Locale.ROOT);
        TemporalAccessor time;
        try {
            time = format.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        } catch (DateTimeException e) {
            throw new RequestException(
                    422,
                    "Unable to parse scheduled timestamp. It should be in an unambiguous format,"
                            + " e.g. ISO 8601");
        }
        if (time instanceof OffsetDateTime moment) {
            return moment.toInstant();
        }
        throw new RequestException(
                400, "Timezone information is mandatory for the scheduled " + action);
    }
}
