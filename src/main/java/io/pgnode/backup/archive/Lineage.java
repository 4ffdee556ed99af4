package io.pgnode.backup.archive;

import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.HistoryFile;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What is known of where timelines come from, on this node and in the archive.
 *
 * @param own the history of the file's timeline as this node has it; null when it has none
 * @param archived histories in the archive, by timeline
 * @param segmentSize bytes
 */
record Lineage(@Nullable HistoryFile own, Map<Integer, HistoryFile> archived, int segmentSize) {
    Lineage {
        archived = Map.copyOf(archived);
    }

    /**
     * Why a file belongs to a history that the archive has left behind; empty when nothing says so.
     */
    Optional<String> divergence(WalFile file) {
        return switch (file) {
            case WalFile.History(int timeline) -> otherOrigin(timeline);
            case WalFile.Segment(WalSegment segment) ->
                    otherOrigin(segment.timeline())
                            .or(() -> leftBefore(segment.timeline(), segment.next(segmentSize)));
            // The leader of the next timeline archives the beginning of the segment it left.
            case WalFile.Partial(WalSegment segment) ->
                    otherOrigin(segment.timeline())
                            .or(() -> leftBefore(segment.timeline(), after(segment, 1)));
            case WalFile.BackupHistory(WalSegment segment, String offset) ->
                    otherOrigin(segment.timeline())
                            .or(
                                    () ->
                                            leftBefore(
                                                    segment.timeline(),
                                                    after(
                                                            segment,
                                                            Integer.parseUnsignedInt(offset, 16))));
        };
    }

    /** A timeline of the archive that comes from the given one; the newest. */
    OptionalInt successor(int timeline) {
        return archived.entrySet().stream()
                .filter(entry -> endOf(timeline, entry.getValue()).isPresent())
                .mapToInt(Map.Entry::getKey)
                .max();
    }

    private Optional<String> otherOrigin(int timeline) {
        HistoryFile mine = own;
        HistoryFile theirs = archived.get(timeline);
        if (mine == null || theirs == null || sameWay(mine, theirs)) {
            return Optional.empty();
        }
        return Optional.of("another timeline %08X is in the archive".formatted(timeline));
    }

    private static boolean sameWay(HistoryFile one, HistoryFile other) {
        if (one.lines().size() != other.lines().size()) {
            return false;
        }
        for (int i = 0; i < one.lines().size(); i++) {
            HistoryFile.Line a = one.lines().get(i);
            HistoryFile.Line b = other.lines().get(i);
            if (a.timeline() != b.timeline() || !a.switchLsn().equals(b.switchLsn())) {
                return false;
            }
        }
        return true;
    }

    private Optional<String> leftBefore(int timeline, WalSegment next) {
        return leftBefore(timeline, next.start(segmentSize));
    }

    /**
     * @param end of what the file holds
     */
    private Optional<String> leftBefore(int timeline, Lsn end) {
        for (Map.Entry<Integer, HistoryFile> entry : archived.entrySet()) {
            Optional<Lsn> left = endOf(timeline, entry.getValue());
            if (left.isPresent() && left.get().compareTo(end) < 0) {
                return Optional.of(
                        "timeline %08X left timeline %08X at %s"
                                .formatted(entry.getKey(), timeline, left.get()));
            }
        }
        return Optional.empty();
    }

    /** Where a history leaves a timeline. */
    private static Optional<Lsn> endOf(int timeline, HistoryFile history) {
        return history.lines().stream()
                .filter(line -> line.timeline() == timeline)
                .map(HistoryFile.Line::switchLsn)
                .findFirst();
    }

    private Lsn after(WalSegment segment, long bytes) {
        return new Lsn(segment.start(segmentSize).value() + bytes);
    }
}
