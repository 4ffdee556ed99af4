package io.pgnode.model;

/**
 * A position in the write-ahead log, in bytes, as PostgreSQL's {@code XLogRecPtr}.
 *
 * <p>Unsigned 64 bits. Prints as {@code 0/3000148}. {@link #NONE} (0/0) is PostgreSQL's "invalid".
 */
public record Lsn(long value) implements Comparable<Lsn> {
    public static final Lsn NONE = new Lsn(0);

    /** Parses {@code X/Y}, both hexadecimal, at most 8 digits each. */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1
                || slash > 8
                || text.length() - slash - 1 < 1
                || text.length() - slash - 1 > 8) {
            throw new IllegalArgumentException(
                    "LSN must look like 0/3000148, was \"" + text + "\"");
        }
        try {
            long high = Long.parseLong(text, 0, slash, 16);
            long low = Long.parseLong(text, slash + 1, text.length(), 16);
            if (high < 0 || low < 0) {
                throw new NumberFormatException("negative");
            }
            return new Lsn(high << 32 | low);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "LSN must look like 0/3000148, was \"" + text + "\"", e);
        }
    }

    public boolean isNone() {
        return value == 0;
    }

    /**
     * Bytes from {@code earlier} to this; zero when this is not ahead. Saturates at {@link
     * Long#MAX_VALUE}.
     */
    public long bytesAhead(Lsn earlier) {
        if (compareTo(earlier) <= 0) {
            return 0;
        }
        long difference = value - earlier.value;
        return difference < 0 ? Long.MAX_VALUE : difference;
    }

    public static Lsn max(Lsn a, Lsn b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return "%X/%X".formatted(value >>> 32, value & 0xFFFFFFFFL);
    }
}
