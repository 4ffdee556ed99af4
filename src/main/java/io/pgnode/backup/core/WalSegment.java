package io.pgnode.backup.core;

import io.pgnode.model.Lsn;
import java.util.regex.Pattern;

/**
 * A WAL segment's name: timeline, then the segment's place in the log, 24 upper case hexadecimal
 * digits.
 *
 * @param timeline 1 or more, unsigned
 * @param log the first 8 digits of the place (4 GiB of WAL each)
 * @param segment the last 8 digits, below {@code 4 GiB / segment size}
 */
public record WalSegment(int timeline, int log, int segment) implements Comparable<WalSegment> {
    private static final Pattern SHAPE = Pattern.compile("[0-9A-F]{24}");
    private static final long LOG_BYTES = 1L << 32;

    public static boolean isName(String text) {
        return SHAPE.matcher(text).matches();
    }

    /**
     * @throws IllegalArgumentException when the text is not 24 upper case hexadecimal digits
     */
    public static WalSegment parse(String text) {
        if (!isName(text)) {
            throw new IllegalArgumentException(
                    "WAL segment must be 24 upper case hexadecimal digits, was \"" + text + "\"");
        }
        return new WalSegment(
                Integer.parseUnsignedInt(text, 0, 8, 16),
                Integer.parseUnsignedInt(text, 8, 16, 16),
                Integer.parseUnsignedInt(text, 16, 24, 16));
    }

    /** The segment that holds the byte at the position. */
    public static WalSegment holding(int timeline, Lsn lsn, int segmentSize) {
        return ofNumber(timeline, Long.divideUnsigned(lsn.value(), segmentSize), segmentSize);
    }

    /**
     * @param number the position of its first byte divided by the segment size
     */
    public static WalSegment ofNumber(int timeline, long number, int segmentSize) {
        long inLog = LOG_BYTES / segmentSize;
        return new WalSegment(
                timeline,
                (int) Long.divideUnsigned(number, inLog),
                (int) Long.remainderUnsigned(number, inLog));
    }

    public long number(int segmentSize) {
        return Integer.toUnsignedLong(log) * (LOG_BYTES / segmentSize)
                + Integer.toUnsignedLong(segment);
    }

    /** The position of its first byte. */
    public Lsn start(int segmentSize) {
        return new Lsn(number(segmentSize) * segmentSize);
    }

    public WalSegment next(int segmentSize) {
        return ofNumber(timeline, number(segmentSize) + 1, segmentSize);
    }

    /** The directory it is in, in an archive: the first 16 digits. */
    public String directory() {
        return text().substring(0, 16);
    }

    public String text() {
        return "%08X%08X%08X".formatted(timeline, log, segment);
    }

    /** By timeline, then by place: as the names sort. */
    @Override
    public int compareTo(WalSegment other) {
        int byTimeline = Integer.compareUnsigned(timeline, other.timeline);
        if (byTimeline != 0) {
            return byTimeline;
        }
        int byLog = Integer.compareUnsigned(log, other.log);
        return byLog != 0 ? byLog : Integer.compareUnsigned(segment, other.segment);
    }

    @Override
    public String toString() {
        return text();
    }
}
