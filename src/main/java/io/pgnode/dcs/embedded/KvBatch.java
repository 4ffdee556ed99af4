package io.pgnode.dcs.embedded;

import java.util.List;

/** All changes of one revision; never empty. */
public record KvBatch(long revision, List<KvChange> changes) {
    public KvBatch {
        changes = List.copyOf(changes);
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("a batch must have changes, revision " + revision);
        }
    }
}
