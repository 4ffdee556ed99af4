package io.pgnode.backup.restore.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Parts of one repository file that are read with one request, in their order.
 *
 * @param offset of the first part, bytes
 * @param length up to the end of the last part, with the gaps between them
 */
public record RangePlan<T>(long offset, long length, List<T> parts) {
    /** Reading what is not wanted costs less than another request, up to here, in bytes. */
    private static final long MAX_GAP = 256 * 1024;

    /** What one request reads at most, in bytes, unless a single part is larger. */
    private static final long MAX_LENGTH = 8 * 1024 * 1024;

    public RangePlan {
        parts = List.copyOf(parts);
    }

    /** Parts that lie close together come together. */
    public static <T> List<RangePlan<T>> of(
            List<T> parts, ToLongFunction<T> offset, ToLongFunction<T> length) {
        List<T> sorted = parts.stream().sorted(Comparator.comparingLong(offset)).toList();
        List<RangePlan<T>> plans = new ArrayList<>();
        List<T> current = new ArrayList<>();
        long begin = 0;
        long end = 0;
        for (T part : sorted) {
            long at = offset.applyAsLong(part);
            long after = at + length.applyAsLong(part);
            boolean fits = at >= end && at - end <= MAX_GAP && after - begin <= MAX_LENGTH;
            if (!current.isEmpty() && !fits) {
                plans.add(new RangePlan<>(begin, end - begin, current));
                current = new ArrayList<>();
            }
            if (current.isEmpty()) {
                begin = at;
            }
            current.add(part);
            end = after;
        }
        if (!current.isEmpty()) {
            plans.add(new RangePlan<>(begin, end - begin, current));
        }
        return plans;
    }
}
