package io.pgnode.dcs.embedded;

/** What the log on disk remembers, in the order in which it happened. */
sealed interface KvRecord {
    /** Everything so far; first in each file, and nowhere else. */
    record Image(KvState.Image image) implements KvRecord {}

    record Batch(KvBatch batch) implements KvRecord {}

    /**
     * @param nextLeaseId the identifier counter after it
     */
    record Grant(long leaseId, long ttlNanos, long nextLeaseId) implements KvRecord {}

    /** The lease is over; the deletion of its keys is a batch of its own. */
    record End(long leaseId) implements KvRecord {}

    record Compact(long revision) implements KvRecord {}
}
