package io.pgnode.model;

import java.util.Locale;

/**
 * A number of bytes, zero or more. Parses {@code 16kB}, {@code 64MB}, {@code 1GB} with powers of
 * 1024, as PostgreSQL.
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("size must not be negative, was " + bytes);
        }
    }

    /** Accepts a plain number of bytes or one with a unit; the unit's case does not matter. */
    public static ByteSize parse(String text) {
        String trimmed = text.strip();
        int digits = 0;
        while (digits < trimmed.length() && Character.isDigit(trimmed.charAt(digits))) {
            digits++;
        }
        String unit = trimmed.substring(digits).strip().toLowerCase(Locale.ROOT);
        int shift =
                switch (unit) {
                    case "", "b" -> 0;
                    case "k", "kb" -> 10;
                    case "m", "mb" -> 20;
                    case "g", "gb" -> 30;
                    case "t", "tb" -> 40;
                    default -> -1;
                };
        if (digits == 0 || shift < 0) {
            throw new IllegalArgumentException(
                    "size must be a number with B, kB, MB, GB or TB, was \"" + text + "\"");
        }
        try {
            long number = Long.parseLong(trimmed, 0, digits, 10);
            return new ByteSize(Math.multiplyExact(number, 1L << shift));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("size is too large: \"" + text + "\"", e);
        }
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The largest unit that divides it, so that {@link #parse} gives the same value back. */
    @Override
    public String toString() {
        long value = bytes;
        int unit = 0;
        while (value != 0 && value % 1024 == 0 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + UNITS[unit];
    }
}
