package io.pgnode.config;

import java.time.Duration;
import java.util.Locale;

/** Durations as people write them: {@code 500ms}, {@code 10s}, {@code 5min}, {@code 1h}. */
public final class Durations {
    /** A year of days: more is a slip of the finger. */
    private static final Duration LONGEST = Duration.ofDays(366);

    private Durations() {}

    /** A number alone is in seconds, as in Patroni. */
    public static Duration parse(String text) {
        String trimmed = text.strip();
        int digits = 0;
        while (digits < trimmed.length()
                && trimmed.charAt(digits) >= '0'
                && trimmed.charAt(digits) <= '9') {
            digits++;
        }
        String unit = trimmed.substring(digits).strip().toLowerCase(Locale.ROOT);
        if (digits == 0 || digits > 12) {
            throw new IllegalArgumentException("not a duration: \"" + text + "\"");
        }
        long number = Long.parseLong(trimmed, 0, digits, 10);
        Duration duration =
                switch (unit) {
                    case "ms" -> Duration.ofMillis(number);
                    case "", "s" -> Duration.ofSeconds(number);
                    case "m", "min" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    case "d" -> Duration.ofDays(number);
                    default ->
                            throw new IllegalArgumentException("not a duration: \"" + text + "\"");
                };
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("duration is too long: \"" + text + "\"");
        }
        return duration;
    }

    /** The largest unit that divides it, so that {@link #parse} gives the same value back. */
    public static String print(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "min";
    }
}
