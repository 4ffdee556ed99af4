package io.pgnode.backup.restore.core;

import io.pgnode.backup.core.WalSegment;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The complete segments that an archive has, as runs without gaps. A year of WAL is a handful of
 * them.
 */
public final class WalInventory {
    private final int segmentSize;

    /** By timeline: first number of a run to its last. */
    private final Map<Integer, NavigableMap<Long, Long>> runs;

    private WalInventory(int segmentSize, Map<Integer, NavigableMap<Long, Long>> runs) {
        this.segmentSize = segmentSize;
        this.runs = runs;
    }

    public static WalInventory of(Collection<WalSegment> segments, int segmentSize) {
        Map<Integer, NavigableMap<Long, Long>> runs = new HashMap<>();
        List<WalSegment> sorted = segments.stream().sorted().toList();
        for (WalSegment segment : sorted) {
            NavigableMap<Long, Long> ofTimeline =
                    runs.computeIfAbsent(segment.timeline(), _ -> new TreeMap<>());
            long number = segment.number(segmentSize);
            Map.Entry<Long, Long> last = ofTimeline.lastEntry();
            if (last != null && last.getValue() >= number - 1) {
                ofTimeline.put(last.getKey(), Math.max(last.getValue(), number));
            } else {
                ofTimeline.put(number, number);
            }
        }
        return new WalInventory(segmentSize, runs);
    }

    public int segmentSize() {
        return segmentSize;
    }

    public boolean has(int timeline, long number) {
        Map.Entry<Long, Long> run = run(timeline, number);
        return run != null && run.getValue() >= number;
    }

    /** The last one without a gap from the given one on; empty when that one is not there. */
    public OptionalLong lastWithoutGap(int timeline, long from) {
        Map.Entry<Long, Long> run = run(timeline, from);
        return run == null || run.getValue() < from
                ? OptionalLong.empty()
                : OptionalLong.of(run.getValue());
    }

    /** The first one of a timeline from the given one on; empty when there is none. */
    public OptionalLong next(int timeline, long from) {
        if (has(timeline, from)) {
            return OptionalLong.of(from);
        }
        NavigableMap<Long, Long> ofTimeline = runs.get(timeline);
        Long next = ofTimeline == null ? null : ofTimeline.ceilingKey(from);
        return next == null ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** The last one of a timeline, after gaps or not. */
    public OptionalLong last(int timeline) {
        NavigableMap<Long, Long> ofTimeline = runs.get(timeline);
        return ofTimeline == null
                ? OptionalLong.empty()
                : OptionalLong.of(ofTimeline.lastEntry().getValue());
    }

    private Map.@Nullable Entry<Long, Long> run(int timeline, long number) {
        NavigableMap<Long, Long> ofTimeline = runs.get(timeline);
        return ofTimeline == null ? null : ofTimeline.floorEntry(number);
    }
}
