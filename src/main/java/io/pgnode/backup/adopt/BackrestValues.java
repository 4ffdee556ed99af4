package io.pgnode.backup.adopt;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How pgBackRest writes truth, sizes and times. */
final class BackrestValues {
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,18})\\s*(b|([kmgtp])(i?b)?)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern TIME =
            Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h|d|w)?");
    private static final String SHIFTS = "kmgtp";

    private BackrestValues() {}

    /** Empty for what is neither {@code y} nor {@code n}. */
    static Optional<Boolean> truth(String value) {
        return switch (value) {
            case "y" -> Optional.of(true);
            case "n" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** In bytes; empty for what is no size. */
    static Optional<Long> size(String value) {
        Matcher parts = SIZE.matcher(value);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String unit = parts.group(3);
        int shift = unit == null ? 0 : 10 * (SHIFTS.indexOf(unit.toLowerCase(Locale.ROOT)) + 1);
        try {
            return Optional.of(Math.multiplyExact(Long.parseLong(parts.group(1)), 1L << shift));
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** In milliseconds; a plain number is of seconds. Empty for what is no time. */
    static Optional<Long> millis(String value) {
        Matcher parts = TIME.matcher(value);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String unit = parts.group(2) == null ? "s" : parts.group(2);
        long factor =
                switch (unit) {
                    case "ms" -> 1;
                    case "s" -> 1_000;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    case "d" -> 86_400_000;
                    default -> 604_800_000;
                };
        return Optional.of(
                new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(factor)).longValue());
    }

    /** Empty for what is no whole number from the smallest to the largest. */
    static Optional<Long> number(String value, long smallest, long largest) {
        try {
            long number = Long.parseLong(value);
            return number < smallest || number > largest ? Optional.empty() : Optional.of(number);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
