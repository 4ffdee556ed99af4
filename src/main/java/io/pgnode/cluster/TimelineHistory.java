package io.pgnode.cluster;

import io.pgnode.model.Lsn;
import java.util.ArrayList;
import java.util.List;

/** The history key: one line per timeline switch, oldest first. */
public record TimelineHistory(List<Entry> entries, long modRevision) {
    static final String SKIPPED = "skipped: claimed by another member";
    public static final TimelineHistory NONE = new TimelineHistory(List.of(), 0);

    /**
     * @param timeline the timeline that ended
     * @param switchLsn where it ended
     * @param reason PostgreSQL's words from the history file
     * @param timestamp ISO 8601, empty when unknown
     * @param newLeader who started the next timeline; empty when unknown
     */
    public record Entry(
            int timeline, Lsn switchLsn, String reason, String timestamp, String newLeader) {}

    public TimelineHistory {
        entries = List.copyOf(entries);
    }

    /**
     * What a server on {@code timeline} says of those before it, with a line for each number
     * between that was skipped because somebody else had claimed it (see {@link TimelineClaim}):
     * those began and ended where ours begins.
     *
     * @param entries oldest first
     */
    public static List<Entry> withSkipped(List<Entry> entries, int timeline) {
        List<Entry> all = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            int next = i + 1 < entries.size() ? entries.get(i + 1).timeline() : timeline;
            all.add(entry);
            for (int skipped = entry.timeline() + 1; skipped < next; skipped++) {
                all.add(new Entry(skipped, entry.switchLsn(), SKIPPED, entry.timestamp(), ""));
            }
        }
        return all;
    }

    /**
     * The timeline after the last switch; zero when there was none, which also says nothing is
     * known.
     */
    public int currentTimeline() {
        return entries.isEmpty() ? 0 : entries.getLast().timeline() + 1;
    }
}
