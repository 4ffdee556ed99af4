package io.pgnode.dcs.embedded;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** The latest batches, for watches that resume. Bounded: older ones are forgotten (compacted). */
final class KvHistory {
    private final int limit;
    private final Deque<KvBatch> batches = new ArrayDeque<>();

    /** Changes up to this revision are gone. */
    private long forgottenRevision;

    KvHistory(int limit, long forgottenRevision) {
        this.limit = limit;
        this.forgottenRevision = forgottenRevision;
    }

    void add(KvBatch batch) {
        batches.addLast(batch);
        if (batches.size() > limit) {
            forgottenRevision = batches.removeFirst().revision();
        }
    }

    void forgetThrough(long revision) {
        while (!batches.isEmpty() && batches.getFirst().revision() <= revision) {
            batches.removeFirst();
        }
        forgottenRevision = Math.max(forgottenRevision, revision);
    }

    long forgottenRevision() {
        return forgottenRevision;
    }

    List<KvBatch> all() {
        return List.copyOf(batches);
    }

    /** Batches at or after {@code revision}, oldest first. */
    List<KvBatch> since(long revision) {
        if (revision <= forgottenRevision) {
            throw new KvException(KvException.Kind.COMPACTED);
        }
        if (batches.isEmpty() || batches.getLast().revision() < revision) {
            return List.of();
        }
        List<KvBatch> since = new ArrayList<>();
        for (Iterator<KvBatch> newest = batches.descendingIterator(); newest.hasNext(); ) {
            KvBatch batch = newest.next();
            if (batch.revision() < revision) {
                break;
            }
            since.add(batch);
        }
        Collections.reverse(since);
        return since;
    }
}
