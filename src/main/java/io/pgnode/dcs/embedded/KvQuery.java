package io.pgnode.dcs.embedded;

import java.util.List;

/**
 * etcd's range request.
 *
 * @param atRevision read as of this revision; zero for now
 * @param limit largest number of entries to return; zero for no limit
 * @param minModRevision entries last changed before it are left out; zero for no bound, as the next
 *     three
 */
public record KvQuery(
        KvRange keys,
        long atRevision,
        long limit,
        Order order,
        boolean descending,
        boolean countOnly,
        long minModRevision,
        long maxModRevision,
        long minCreateRevision,
        long maxCreateRevision) {

    /** What entries are sorted by. */
    public enum Order {
        KEY,
        VERSION,
        CREATE_REVISION,
        MOD_REVISION,
        VALUE
    }

    /**
     * @param count entries in the range, whatever the limit
     * @param more whether the limit left entries out
     */
    public record Answer(List<KvEntry> entries, long count, boolean more) {}

    public static KvQuery of(KvRange keys) {
        return new KvQuery(keys, 0, 0, Order.KEY, false, false, 0, 0, 0, 0);
    }

    boolean selects(KvEntry entry) {
        return entry.modRevision() >= minModRevision
                && (maxModRevision == 0 || entry.modRevision() <= maxModRevision)
                && entry.createRevision() >= minCreateRevision
                && (maxCreateRevision == 0 || entry.createRevision() <= maxCreateRevision);
    }
}
