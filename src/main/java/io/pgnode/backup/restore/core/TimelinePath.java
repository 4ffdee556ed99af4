package io.pgnode.backup.restore.core;

import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.HistoryFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The timelines that recovery goes through, oldest first; the last one is its target. */
public record TimelinePath(List<Stretch> stretches) {
    /**
     * A timeline and what of it is on the path.
     *
     * @param begin where it began
     * @param end where it was left for the next one; null for the last one
     */
    public record Stretch(int timeline, Lsn begin, @Nullable Lsn end) {}

    public TimelinePath {
        stretches = List.copyOf(stretches);
        if (stretches.isEmpty()) {
            throw new IllegalArgumentException("a path of timelines must have one");
        }
    }

    /**
     * @param history of that timeline; without lines when it comes from no other
     */
    public static TimelinePath to(int timeline, HistoryFile history) {
        List<Stretch> stretches = new ArrayList<>();
        Lsn begin = Lsn.NONE;
        for (HistoryFile.Line line : history.lines()) {
            stretches.add(new Stretch(line.timeline(), begin, line.switchLsn()));
            begin = line.switchLsn();
        }
        stretches.add(new Stretch(timeline, begin, null));
        return new TimelinePath(stretches);
    }

    public int target() {
        return stretches.getLast().timeline();
    }

    public List<Integer> timelines() {
        return stretches.stream().map(Stretch::timeline).toList();
    }

    /** The stretch of a timeline; empty when the path does not go through it. */
    public Optional<Stretch> of(int timeline) {
        return stretches.stream().filter(s -> s.timeline() == timeline).findFirst();
    }

    /** From the given timeline on; the whole path when that is not part of it. */
    public TimelinePath from(int timeline) {
        for (int i = 0; i < stretches.size(); i++) {
            if (stretches.get(i).timeline() == timeline) {
                return new TimelinePath(stretches.subList(i, stretches.size()));
            }
        }
        return this;
    }

    /** The stretch that a segment is read from: the newest timeline that had begun by its end. */
    public Stretch reading(long segmentNumber, int segmentSize) {
        for (Stretch stretch : stretches.reversed()) {
            if (Long.compareUnsigned(
                            Long.divideUnsigned(stretch.begin().value(), segmentSize),
                            segmentNumber)
                    <= 0) {
                return stretch;
            }
        }
        return stretches.getFirst();
    }

    /**
     * Why a backup cannot be recovered along this path; empty when it can.
     *
     * @param timeline the backup's
     * @param stop where it is consistent
     */
    public Optional<String> refusal(int timeline, Lsn stop) {
        Optional<Stretch> stretch = of(timeline);
        if (stretch.isEmpty()) {
            return Optional.of(
                    "timeline "
                            + Integer.toUnsignedString(target())
                            + " does not come from the backup's timeline "
                            + Integer.toUnsignedString(timeline));
        }
        Lsn end = stretch.get().end();
        if (end != null && stop.compareTo(end) > 0) {
            return Optional.of(
                    "timeline "
                            + Integer.toUnsignedString(target())
                            + " left the backup's timeline "
                            + Integer.toUnsignedString(timeline)
                            + " at "
                            + end
                            + ", before the backup was consistent at "
                            + stop);
        }
        return Optional.empty();
    }
}
