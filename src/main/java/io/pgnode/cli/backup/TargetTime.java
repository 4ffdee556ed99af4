package io.pgnode.cli.backup;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A moment as people and PostgreSQL write it: {@code 2026-11-21 13:05:00.5+01}, with {@code T} or a
 * blank, {@code Z} or an offset, or none for the local time zone.
 */
public final class TargetTime {
    private static final Pattern TEXT =
            Pattern.compile(
                    "(\\d{4}-\\d{2}-\\d{2})(?:[T ](\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?))?"
                            + " ?(Z|UTC|[+-]\\d{2}(?::?\\d{2})?)?");

    private TargetTime() {}

    /**
     * @throws IllegalArgumentException when it is none
     */
    public static Instant parse(String text, ZoneId local) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw bad(text, null);
        }
        try {
            String time = parts.group(2) == null ? "00:00" : parts.group(2);
            LocalDateTime at = LocalDateTime.parse(parts.group(1) + "T" + time);
            String zone = parts.group(3);
            if (zone == null) {
                return at.atZone(local).toInstant();
            }
            return at.toInstant(
                    zone.equals("Z") || zone.equals("UTC") ? ZoneOffset.UTC : ZoneOffset.of(zone));
        } catch (DateTimeException e) {
            throw bad(text, e);
        }
    }

    private static IllegalArgumentException bad(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "time is \"" + text + "\", must be such as 2026-11-21 13:05:00+00", cause);
    }
}
