package io.pgnode.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What clients were told is committed. */
final class Ledger {
    /**
     * @param index its place in the WAL
     */
    private record Commit(int index, long id, String by) {}

    /** Acknowledged under synchronous mode: may never be lost. */
    private final List<Commit> guaranteed = new ArrayList<>();

    /**
     * Acknowledged by the present primary in its time, in any mode: a switchover may not lose them.
     */
    private final List<Commit> recent = new ArrayList<>();

    private long acknowledged;

    void acknowledged(SimInstance by, int index, Wal.Rec rec, boolean isGuaranteed) {
        acknowledged++;
        Commit commit = new Commit(index, rec.id(), by.host());
        recent.add(commit);
        if (isGuaranteed) {
            guaranteed.add(commit);
        }
    }

    long count() {
        return acknowledged;
    }

    int guaranteedCount() {
        return guaranteed.size();
    }

    /** Synchronous mode was switched off: nothing is promised any more. */
    void forgetGuarantees() {
        guaranteed.clear();
    }

    void newPrimary() {
        recent.clear();
    }

    /** The first guaranteed commit that {@code wal} misses; null when it has all. */
    @Nullable String missingGuaranteed(Wal wal) {
        return missing(guaranteed, wal);
    }

    @Nullable String missingRecent(Wal wal) {
        return missing(recent, wal);
    }

    /** An operator accepted the loss. */
    void dropMissing(Wal wal) {
        guaranteed.removeIf(commit -> !wal.holds(commit.index(), commit.id()));
    }

    private static @Nullable String missing(List<Commit> commits, Wal wal) {
        for (Commit commit : commits) {
            if (!wal.holds(commit.index(), commit.id())) {
                return "commit " + Wal.lsn(commit.index()) + " acknowledged by " + commit.by();
            }
        }
        return null;
    }
}
