package io.pgnode.backup.restore.core;

import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.restore.core.TimelinePath.Stretch;
import java.util.OptionalLong;

/**
 * The WAL that a standby made of a backup finds in the archive before it streams.
 *
 * <p>For each segment the server asks for the newest timeline first, and takes an older one's when
 * that is not there. In the segment in which a timeline was left, the older one's goes on with what
 * is not the cluster's history any more: while nobody has archived the newer one's, a standby would
 * replay that. One segment later it would notice, by the timeline in each page.
 *
 * @param next the first segment that the archive does not have
 * @param astray a timeline that would be followed there in its stead; zero for none
 */
public record StandbyWal(WalSegment next, int astray) {
    /**
     * @param path goes through the backup's timeline
     * @param start the backup's first segment
     */
    public static StandbyWal of(TimelinePath path, WalInventory archive, WalSegment start) {
        int size = archive.segmentSize();
        long number = start.number(size);
        Stretch at = path.reading(number, size);
        while (archive.has(at.timeline(), number)) {
            number++;
            at = path.reading(number, size);
        }
        return new StandbyWal(
                WalSegment.ofNumber(at.timeline(), number, size),
                isFirst(at, number, size) ? older(path, at, archive, number) : 0);
    }

    private static boolean isFirst(Stretch stretch, long number, int size) {
        return Long.divideUnsigned(stretch.begin().value(), size) == number;
    }

    private static int older(TimelinePath path, Stretch at, WalInventory archive, long number) {
        for (Stretch stretch : path.stretches()) {
            if (stretch.timeline() == at.timeline()) {
                break;
            }
            OptionalLong last = archive.last(stretch.timeline());
            if (last.isPresent() && last.getAsLong() >= number) {
                return stretch.timeline();
            }
        }
        return 0;
    }
}
