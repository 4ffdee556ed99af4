package io.pgnode.backup.schedule.core;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One cron line, in local time. A day has to match the day of the month or that of the week when
 * both are restricted, as in cron.
 */
record CronLine(
        long seconds,
        long minutes,
        long hours,
        long days,
        long months,
        long weekdays,
        boolean eitherDay) {
    /** February 29 on a given weekday comes within 40 years, even around the year 2100. */
    private static final int MAX_DAYS = 366 * 41;

    private static final Map<String, String> NAMED =
            Map.of(
                    "@yearly", "0 0 1 1 *",
                    "@annually", "0 0 1 1 *",
                    "@monthly", "0 0 1 * *",
                    "@weekly", "0 0 * * 0",
                    "@daily", "0 0 * * *",
                    "@midnight", "0 0 * * *",
                    "@hourly", "0 * * * *");

    static CronLine parse(String line) {
        String text = line.strip();
        String fields = NAMED.getOrDefault(text.toLowerCase(Locale.ROOT), text);
        List<String> parts = List.of(fields.split("\\s+"));
        if (parts.size() < 5 || parts.size() > 6) {
            throw new IllegalArgumentException(
                    text.startsWith("@")
                            ? "\"" + text + "\" is not known"
                            : "it has "
                                    + parts.size()
                                    + " fields, must have 5, or 6 with seconds first");
        }
        int first = parts.size() - 5;
        String day = parts.get(first + 2);
        String weekday = parts.get(first + 4);
        CronLine parsed =
                new CronLine(
                        first == 0 ? 1 : CronField.SECOND.parse(parts.getFirst()),
                        CronField.MINUTE.parse(parts.get(first)),
                        CronField.HOUR.parse(parts.get(first + 1)),
                        CronField.DAY.parse(day),
                        CronField.MONTH.parse(parts.get(first + 3)),
                        CronField.WEEKDAY.parse(weekday),
                        !day.startsWith("*") && !weekday.startsWith("*"));
        if (parsed.next(LocalDateTime.of(2000, 1, 1, 0, 0)) == null) {
            throw new IllegalArgumentException("there is no such day");
        }
        return parsed;
    }

    /** The first match at {@code from} or later; null when there is none. */
    @Nullable LocalDateTime next(LocalDateTime from) {
        LocalDate day = from.toLocalDate();
        LocalTime time = from.toLocalTime();
        boolean isWhole = time.equals(time.truncatedTo(ChronoUnit.SECONDS));
        int least = time.toSecondOfDay() + (isWhole ? 0 : 1);
        for (int i = 0; i < MAX_DAYS; i++) {
            if (isDay(day)) {
                int second = nextSecond(least);
                if (second >= 0) {
                    return day.atTime(LocalTime.ofSecondOfDay(second));
                }
            }
            least = 0;
            day = day.plusDays(1);
        }
        return null;
    }

    /** The last match at {@code to} or earlier; null when there is none. */
    @Nullable LocalDateTime previous(LocalDateTime to) {
        LocalDate day = to.toLocalDate();
        int most = to.toLocalTime().toSecondOfDay();
        for (int i = 0; i < MAX_DAYS; i++) {
            if (isDay(day)) {
                int second = previousSecond(most);
                if (second >= 0) {
                    return day.atTime(LocalTime.ofSecondOfDay(second));
                }
            }
            most = 86_399;
            day = day.minusDays(1);
        }
        return null;
    }

    private boolean isDay(LocalDate day) {
        if (!has(months, day.getMonthValue())) {
            return false;
        }
        boolean byDay = has(days, day.getDayOfMonth());
        boolean byWeekday = has(weekdays, day.getDayOfWeek().getValue() % 7);
        return eitherDay ? byDay || byWeekday : byDay && byWeekday;
    }

    /** The first second of a day at {@code least} or later that matches; -1 for none. */
    private int nextSecond(int least) {
        for (int hour = least / 3600; hour < 24; hour++) {
            if (!has(hours, hour)) {
                continue;
            }
            for (int minute = Math.max(0, (least - hour * 3600) / 60); minute < 60; minute++) {
                if (!has(minutes, minute)) {
                    continue;
                }
                int start = hour * 3600 + minute * 60;
                for (int second = Math.max(0, least - start); second < 60; second++) {
                    if (has(seconds, second)) {
                        return start + second;
                    }
                }
            }
        }
        return -1;
    }

    private int previousSecond(int most) {
        for (int hour = most / 3600; hour >= 0; hour--) {
            if (!has(hours, hour)) {
                continue;
            }
            for (int minute = Math.min(59, (most - hour * 3600) / 60); minute >= 0; minute--) {
                if (!has(minutes, minute)) {
                    continue;
                }
                int start = hour * 3600 + minute * 60;
                for (int second = Math.min(59, most - start); second >= 0; second--) {
                    if (has(seconds, second)) {
                        return start + second;
                    }
                }
            }
        }
        return -1;
    }

    private static boolean has(long bits, int value) {
        return (bits >>> value & 1) == 1;
    }
}
