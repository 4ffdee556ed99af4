package io.pgnode.sim;

import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import java.util.ArrayList;
import java.util.List;

/** WAL on a disk: records in order, each on a timeline; only the flushed ones survive a crash. */
final class Wal {
    /** Bytes of a record, so that the limits that are given in bytes mean something. */
    static final long RECORD_BYTES = 4096;

    private static final long FIRST_BYTE = 0x1000000;

    /**
     * @param id unique in the world
     */
    record Rec(long id, int timeline) {}

    /**
     * @param firstIndex of the first record on {@code timeline}
     */
    private record Start(int timeline, int firstIndex) {}

    private final List<Rec> records = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();
    private int flushed;

    static Lsn lsn(int index) {
        return new Lsn(FIRST_BYTE + index * RECORD_BYTES);
    }

    int size() {
        return records.size();
    }

    int flushed() {
        return flushed;
    }

    Rec get(int index) {
        return records.get(index);
    }

    int timeline() {
        return starts.isEmpty() ? 0 : starts.getLast().timeline();
    }

    void append(Rec rec) {
        if (rec.timeline() != timeline()) {
            starts.add(new Start(rec.timeline(), records.size()));
        }
        records.add(rec);
    }

    void flush(int upTo) {
        flushed = Math.max(flushed, Math.min(upTo, records.size()));
    }

    List<Rec> slice(int from, int to) {
        return List.copyOf(records.subList(from, to));
    }

    void truncate(int size) {
        records.subList(size, records.size()).clear();
        while (!starts.isEmpty() && starts.getLast().firstIndex() >= size) {
            starts.removeLast();
        }
        flushed = Math.min(flushed, size);
    }

    void copyFrom(Wal other) {
        truncate(0);
        other.slice(0, other.flushed).forEach(this::append);
        flushed = size();
    }

    boolean holds(int index, long id) {
        return index < records.size() && records.get(index).id() == id;
    }

    /**
     * Where {@code timeline} ended here; the largest number when it has not, -1 when it is not in
     * the history.
     */
    int endOf(int timeline) {
        for (int i = 0; i < starts.size(); i++) {
            if (starts.get(i).timeline() == timeline) {
                return i + 1 < starts.size() ? starts.get(i + 1).firstIndex() : Integer.MAX_VALUE;
            }
        }
        return -1;
    }

    private int startOf(int timeline) {
        for (Start start : starts) {
            if (start.timeline() == timeline) {
                return start.firstIndex();
            }
        }
        return -1;
    }

    /** What PostgreSQL's history files tell of two servers; records are not compared. */
    boolean historyFits(Wal upstream) {
        int end = upstream.endOf(timeline());
        return timeline() == 0
                || end >= 0
                        && flushed <= end
                        && (timeline() == 1 || startOf(timeline()) == upstream.startOf(timeline()));
    }

    /** Whether {@code upstream} holds the same records as far as both go. */
    boolean sameRecords(Wal upstream) {
        int common = Math.min(flushed, upstream.size());
        return common == 0 || records.get(common - 1).id() == upstream.get(common - 1).id();
    }

    /** The first record that differs from {@code upstream}'s, which has it too; -1 for none. */
    int firstDifference(Wal upstream) {
        for (int i = 0; i < Math.min(flushed, upstream.size()); i++) {
            if (records.get(i).id() != upstream.get(i).id()) {
                return i;
            }
        }
        return -1;
    }

    List<TimelineHistory.Entry> history() {
        List<TimelineHistory.Entry> entries = new ArrayList<>();
        for (int i = 0; i + 1 < starts.size(); i++) {
            entries.add(
                    new TimelineHistory.Entry(
                            starts.get(i).timeline(),
                            lsn(starts.get(i + 1).firstIndex()),
                            "no recovery target specified",
                            "",
                            ""));
        }
        return entries;
    }
}
