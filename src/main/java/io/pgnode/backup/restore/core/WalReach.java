package io.pgnode.backup.restore.core;

import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Whether the archive has the WAL from a backup's start to a target.
 *
 * @param first the backup's first segment
 * @param last the last one that recovery will ask for, as far as that is known
 * @param count segments from the first to the last
 * @param missing those of them that are not there, the first few
 * @param missingCount all of those
 * @param explanation in a sentence
 */
public record WalReach(
        Verdict verdict,
        WalSegment first,
        WalSegment last,
        long count,
        List<WalSegment> missing,
        long missingCount,
        String explanation) {
    /** How many missing segments are named. */
    private static final int NAMED = 8;

    /** What to expect. */
    public enum Verdict {
        /** All that is needed is there. */
        REACHABLE,
        /** Only replay will tell. */
        UNKNOWN,
        /** Something is missing for certain. */
        UNREACHABLE
    }

    public WalReach {
        missing = List.copyOf(missing);
    }

    /**
     * @param path goes through the backup's timeline
     * @param newest when the archive got its newest segment of the path's last timeline; null when
     *     that is not known
     */
    public static WalReach of(
            BackupCandidate backup,
            RestoreTarget target,
            TimelinePath path,
            WalInventory archive,
            @Nullable Instant newest) {
        if (backup.walStart() == null || backup.walStop() == null) {
            throw new IllegalArgumentException("backup " + backup.label() + " needs no WAL");
        }
        int size = archive.segmentSize();
        Span span =
                new Span(
                        path.from(backup.walStart().timeline()),
                        archive,
                        backup.walStart().number(size));
        long own = backup.walStop().number(size);
        long end = Math.max(own, end(target, span, own, size));
        span.walk(end);
        return new WalReach(
                verdict(target, span, own, newest),
                backup.walStart(),
                span.segment(end),
                end - span.first + 1,
                span.missing,
                span.missingCount,
                explain(target, span, own, newest));
    }

    /** The last segment that matters. */
    private static long end(RestoreTarget target, Span span, long own, int size) {
        return switch (target) {
            case RestoreTarget.Immediate _ -> own;
            // The record that begins there or after is what replay stops at.
            case RestoreTarget.Position position ->
                    Long.divideUnsigned(position.lsn().value(), size);
            case RestoreTarget.End _,
                    RestoreTarget.Time _,
                    RestoreTarget.Xid _,
                    RestoreTarget.Name _ ->
                    span.archive.last(span.path.target()).orElse(own);
        };
    }

    private static Verdict verdict(
            RestoreTarget target, Span span, long own, @Nullable Instant newest) {
        if (span.isMissingUpTo(own)) {
            return Verdict.UNREACHABLE;
        }
        return switch (target) {
            case RestoreTarget.Immediate _ -> Verdict.REACHABLE;
            case RestoreTarget.End _, RestoreTarget.Position _ ->
                    span.missingCount == 0 ? Verdict.REACHABLE : Verdict.UNREACHABLE;
            case RestoreTarget.Time time -> {
                if (isAfter(time, newest)) {
                    yield Verdict.UNREACHABLE;
                }
                yield Verdict.UNKNOWN;
            }
            case RestoreTarget.Xid _, RestoreTarget.Name _ -> Verdict.UNKNOWN;
        };
    }

    private static boolean isAfter(RestoreTarget.Time time, @Nullable Instant newest) {
        return newest != null && time.at().isAfter(newest);
    }

    private static String explain(
            RestoreTarget target, Span span, long own, @Nullable Instant newest) {
        if (span.missingCount > 0) {
            String what =
                    span.missingCount
                            + (span.missingCount == 1 ? " segment is" : " segments are")
                            + " missing in the archive: "
                            + names(span);
            if (span.isMissingUpTo(own)) {
                return what + "; the backup cannot become consistent without it";
            }
            return what + "; replay ends at " + span.firstMissingStart();
        }
        if (target instanceof RestoreTarget.Time time && isAfter(time, newest)) {
            return "the newest archived segment is from " + newest + ", before the target";
        }
        return switch (target) {
            case RestoreTarget.End _, RestoreTarget.Immediate _, RestoreTarget.Position _ ->
                    "all WAL is there";
            case RestoreTarget.Time _ ->
                    "all WAL is there up to "
                            + span.lastSegment()
                            + (newest == null ? "" : ", archived at " + newest)
                            + "; it must hold a commit after the target";
            case RestoreTarget.Xid _, RestoreTarget.Name _ ->
                    "all WAL is there up to "
                            + span.lastSegment()
                            + "; whether the target is in it, replay will tell";
        };
    }

    private static String names(Span span) {
        StringBuilder text = new StringBuilder();
        for (WalSegment segment : span.missing) {
            text.append(text.isEmpty() ? "" : ", ").append(segment);
        }
        return span.missingCount > span.missing.size() ? text + ", …" : text.toString();
    }

    /** The walk from the backup's start to the end. */
    private static final class Span {
        private final TimelinePath path;
        private final WalInventory archive;
        private final long first;
        private final List<WalSegment> missing = new ArrayList<>();
        private long missingCount;
        private long firstMissing = Long.MAX_VALUE;
        private long end;

        Span(TimelinePath path, WalInventory archive, long first) {
            this.path = path;
            this.archive = archive;
            this.first = first;
        }

        void walk(long last) {
            end = last;
            long number = first;
            while (number <= last) {
                TimelinePath.Stretch stretch = path.reading(number, archive.segmentSize());
                long stretchEnd = Math.min(last, lastOf(stretch));
                OptionalLong there = archive.lastWithoutGap(stretch.timeline(), number);
                if (there.isPresent()) {
                    number = Math.min(there.getAsLong(), stretchEnd) + 1;
                } else if (isLastOfItsTimeline(number)) {
                    number++;
                } else {
                    long next = archive.next(stretch.timeline(), number).orElse(Long.MAX_VALUE);
                    long after = Math.min(next, stretchEnd + 1);
                    miss(number, after);
                    number = after;
                }
            }
        }

        /** The last segment that is read from a stretch. */
        private long lastOf(TimelinePath.Stretch stretch) {
            if (stretch.end() == null) {
                return Long.MAX_VALUE - 1;
            }
            // The one with the switch is read from the next timeline, which repeats its bytes.
            return Math.max(
                    first, Long.divideUnsigned(stretch.end().value(), archive.segmentSize()) - 1);
        }

        /** The end of the walk lies on the segment of a switch, of which the older one will do. */
        private boolean isLastOfItsTimeline(long number) {
            if (number != end) {
                return false;
            }
            TimelinePath.Stretch stretch = path.reading(number, archive.segmentSize());
            return path.stretches().stream()
                    .filter(older -> stretch.begin().equals(older.end()))
                    .anyMatch(older -> archive.has(older.timeline(), number));
        }

        private void miss(long from, long to) {
            missingCount += to - from;
            firstMissing = Math.min(firstMissing, from);
            for (long number = from; number < to && missing.size() < NAMED; number++) {
                missing.add(segment(number));
            }
        }

        boolean isMissingUpTo(long number) {
            return firstMissing <= number;
        }

        Lsn firstMissingStart() {
            return segment(firstMissing).start(archive.segmentSize());
        }

        WalSegment lastSegment() {
            return segment(end);
        }

        WalSegment segment(long number) {
            int size = archive.segmentSize();
            return WalSegment.ofNumber(path.reading(number, size).timeline(), number, size);
        }
    }
}
