package io.pgnode.backup.schedule.core;

import java.util.List;
import java.util.Locale;

/** One field of a cron line: the values that it allows. */
enum CronField {
    SECOND("second", 0, 59, List.of()),
    MINUTE("minute", 0, 59, List.of()),
    HOUR("hour", 0, 23, List.of()),
    DAY("day of the month", 1, 31, List.of()),
    MONTH(
            "month",
            1,
            12,
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec")),
    /** 0 and 7 are Sunday. */
    WEEKDAY("day of the week", 0, 7, List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat"));

    private final String noun;
    private final int least;
    private final int most;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> names;

    CronField(String noun, int least, int most, List<String> names) {
        this.noun = noun;
        this.least = least;
        this.most = most;
        this.names = names;
    }

    /**
     * The allowed values, one bit each.
     *
     * @throws IllegalArgumentException when the text is none of this field
     */
    long parse(String text) {
        long bits = 0;
        for (String part : text.split(",", -1)) {
            bits |= part(part);
        }
        // Both spellings of Sunday are one day.
        return this == WEEKDAY && (bits & 1L << 7) != 0 ? (bits | 1) & ~(1L << 7) : bits;
    }

    private long part(String part) {
        String[] steps = part.split("/", -1);
        if (steps.length > 2) {
            throw bad(part);
        }
        int step = steps.length == 1 ? 1 : number(steps[1], part);
        String[] ends = steps[0].split("-", -1);
        int from;
        int to;
        if (steps[0].equals("*")) {
            from = least;
            to = this == WEEKDAY ? 6 : most;
        } else if (ends.length == 1) {
            from = value(ends[0], part);
            to = steps.length == 1 ? from : this == WEEKDAY ? 6 : most;
        } else if (ends.length == 2) {
            from = value(ends[0], part);
            to = value(ends[1], part);
        } else {
            throw bad(part);
        }
        if (from > to || step < 1) {
            throw bad(part);
        }
        long bits = 0;
        for (int i = from; i <= to; i += step) {
            bits |= 1L << i;
        }
        return bits;
    }

    private int value(String text, String part) {
        int name = names.indexOf(text.toLowerCase(Locale.ROOT));
        int value = name >= 0 ? name + least : number(text, part);
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    noun + " is " + value + ", must be " + least + ".." + most);
        }
        return value;
    }

    private int number(String text, String part) {
        if (!text.matches("[0-9]{1,4}")) {
            throw bad(part);
        }
        return Integer.parseInt(text);
    }

    private IllegalArgumentException bad(String part) {
        return new IllegalArgumentException(noun + " is \"" + part + "\", which cannot be read");
    }
}
