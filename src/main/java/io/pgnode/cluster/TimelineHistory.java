package io.pgnode.cluster;

import io.pgnode.model.Lsn;
import java.util.List;

/** The history key: one line per timeline switch, oldest first. */
public record TimelineHistory(List<Entry> entries, long modRevision) {
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
     * The timeline after the last switch; zero when there was none, which also says nothing is
     * known.
     */
    public int currentTimeline() {
        return entries.isEmpty() ? 0 : entries.getLast().timeline() + 1;
    }
}
