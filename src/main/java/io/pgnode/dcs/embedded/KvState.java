package io.pgnode.dcs.embedded;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an etcd server remembers: keys with revisions, leases, and the latest changes for watches.
 *
 * <p>A deterministic state machine without I/O, clock or threads. Confined to one thread. Time is
 * passed in as nanoseconds of one monotonic clock; call {@link #expire} with the current time
 * before each request, so that a request never meets a lease that has ended.
 *
 * <p>Invariants: revisions only grow, one per changing transaction; every key on a lease vanishes
 * in the batch that ends the lease.
 */
public final class KvState {
    /** Batches kept for watches that resume: minutes of a busy cluster, hours of an idle one. */
    public static final int DEFAULT_HISTORY = 10_000;

    /**
     * A lease as its owner sees it.
     *
     * @param remainingNanos until it ends
     * @param keys keys on it
     */
    public record LeaseView(long id, long ttlNanos, long remainingNanos, List<Bytes> keys) {}

    /**
     * A lease that has ended.
     *
     * @param batch the deletion of its keys; null when it had none
     */
    public record EndedLease(long id, @Nullable KvBatch batch) {}

    /**
     * All of it, to write and read back.
     *
     * @param forgottenRevision changes up to it are gone
     */
    record Image(
            long revision,
            long forgottenRevision,
            long nextLeaseId,
            List<KvLeases.Lease> leases,
            List<KvEntry> entries,
            List<KvBatch> history) {}

    private final NavigableMap<Bytes, KvEntry> entries = new TreeMap<>();
    private final KvLeases leases;
    private final KvHistory history;

    /** An empty store is at revision one, as in etcd. */
    private long revision = 1;

    /**
     * @param firstLeaseId positive; a store that lost its data should begin elsewhere, lest an old
     *     client renews a new lease
     * @param historyLimit batches kept for {@link #since}
     */
    public KvState(long firstLeaseId, int historyLimit) {
        leases = new KvLeases(firstLeaseId);
        history = new KvHistory(historyLimit, 1);
    }

    static KvState restore(Image image, int historyLimit, long nowNanos) {
        KvState state = new KvState(image.nextLeaseId(), historyLimit);
        state.revision = image.revision();
        state.history.forgetThrough(image.forgottenRevision());
        for (KvLeases.Lease lease : image.leases()) {
            state.leases.grant(lease.id(), lease.ttlNanos(), nowNanos);
        }
        for (KvEntry entry : image.entries()) {
            state.entries.put(entry.key(), entry);
            state.leases.attach(entry.leaseId(), entry.key());
        }
        image.history().forEach(state.history::add);
        return state;
    }

    Image image() {
        return new Image(
                revision,
                history.forgottenRevision(),
                leases.nextId(),
                List.copyOf(leases.all()),
                List.copyOf(entries.values()),
                history.all());
    }

    public long revision() {
        return revision;
    }

    /** Changes before this revision cannot be watched any more. */
    public long oldestWatchable() {
        return history.forgottenRevision() + 1;
    }

    // Reading

    public KvQuery.Answer read(KvQuery query) {
        return answer(query, entriesAt(query.atRevision()));
    }

    /** Batches at or after {@code fromRevision}, oldest first; throws when they are gone. */
    public List<KvBatch> since(long fromRevision) {
        return history.since(fromRevision);
    }

    /** Forgets changes before {@code atRevision}. */
    public void compact(long atRevision) {
        if (atRevision > revision) {
            throw new KvException(KvException.Kind.FUTURE_REVISION);
        }
        if (atRevision <= history.forgottenRevision()) {
            throw new KvException(KvException.Kind.COMPACTED);
        }
        history.forgetThrough(atRevision - 1);
    }

    private NavigableMap<Bytes, KvEntry> entriesAt(long atRevision) {
        if (atRevision <= 0 || atRevision == revision) {
            return entries;
        }
        if (atRevision > revision) {
            throw new KvException(KvException.Kind.FUTURE_REVISION);
        }
        NavigableMap<Bytes, KvEntry> past = new TreeMap<>(entries);
        for (KvBatch batch : history.since(atRevision + 1).reversed()) {
            for (KvChange change : batch.changes().reversed()) {
                if (change.previous() == null) {
                    past.remove(change.entry().key());
                } else {
                    past.put(change.entry().key(), change.previous());
                }
            }
        }
        return past;
    }

    private static KvQuery.Answer answer(KvQuery query, NavigableMap<Bytes, KvEntry> from) {
        List<KvEntry> found = new ArrayList<>(inRange(from, query.keys()));
        long count = found.size();
        if (query.countOnly()) {
            return new KvQuery.Answer(List.of(), count, false);
        }
        found.removeIf(entry -> !query.selects(entry));
        Comparator<KvEntry> order =
                switch (query.order()) {
                    case KEY -> Comparator.comparing(KvEntry::key);
                    case VERSION -> Comparator.comparingLong(KvEntry::version);
                    case CREATE_REVISION -> Comparator.comparingLong(KvEntry::createRevision);
                    case MOD_REVISION -> Comparator.comparingLong(KvEntry::modRevision);
                    case VALUE -> Comparator.comparing(KvEntry::value);
                };
        found.sort(query.descending() ? order.reversed() : order);
        boolean more = query.limit() > 0 && found.size() > query.limit();
        return new KvQuery.Answer(
                List.copyOf(more ? found.subList(0, (int) query.limit()) : found), count, more);
    }

    private static Collection<KvEntry> inRange(NavigableMap<Bytes, KvEntry> from, KvRange keys) {
        Bytes to = keys.to();
        if (to == null) {
            return from.tailMap(keys.from(), true).values();
        }
        return keys.from().compareTo(to) >= 0
                ? List.of()
                : from.subMap(keys.from(), true, to, false).values();
    }

    // Transactions

    /** Applies all of it or, when it throws, nothing. */
    public KvTxn.Outcome apply(KvTxn txn) {
        boolean succeeded = holds(txn);
        List<KvTxn.Op> ops = succeeded ? txn.success() : txn.failure();
        check(ops);
        List<KvChange> changes = new ArrayList<>();
        List<KvTxn.Result> results = perform(ops, chosen(ops), changes);
        KvBatch batch = commit(changes);
        return new KvTxn.Outcome(succeeded, results, revision, batch);
    }

    private @Nullable KvBatch commit(List<KvChange> changes) {
        if (changes.isEmpty()) {
            return null;
        }
        KvBatch batch = new KvBatch(revision + 1, changes);
        revision = batch.revision();
        history.add(batch);
        return batch;
    }

    /** Every nested decision is made on the state before any write. */
    private List<Boolean> chosen(List<KvTxn.Op> ops) {
        List<Boolean> chosen = new ArrayList<>();
        for (KvTxn.Op op : ops) {
            if (op instanceof KvTxn.Op.Nested(KvTxn txn)) {
                boolean succeeded = holds(txn);
                chosen.add(succeeded);
                chosen.addAll(chosen(succeeded ? txn.success() : txn.failure()));
            }
        }
        return chosen;
    }

    private boolean holds(KvTxn txn) {
        return txn.compares().stream().allMatch(this::holds);
    }

    private boolean holds(KvTxn.Compare compare) {
        Collection<KvEntry> found = inRange(entries, compare.keys());
        return switch (compare) {
            case KvTxn.Compare.Numeric(var keys, var field, var relation, long number) ->
                    found.isEmpty()
                            ? relation.holds(Long.compare(0, number))
                            : found.stream()
                                    .allMatch(
                                            entry ->
                                                    relation.holds(
                                                            Long.compare(field.of(entry), number)));
            case KvTxn.Compare.Value(var keys, var relation, Bytes value) ->
                    !found.isEmpty()
                            && found.stream()
                                    .allMatch(
                                            entry ->
                                                    relation.holds(entry.value().compareTo(value)));
        };
    }

    private void check(List<KvTxn.Op> ops) {
        Set<Bytes> puts = new HashSet<>();
        List<KvRange> deletes = new ArrayList<>();
        check(ops, puts, deletes);
        if (puts.stream()
                .anyMatch(key -> deletes.stream().anyMatch(range -> range.contains(key)))) {
            throw new KvException(KvException.Kind.DUPLICATE_KEY);
        }
    }

    private void check(List<KvTxn.Op> ops, Set<Bytes> puts, List<KvRange> deletes) {
        for (KvTxn.Op op : ops) {
            switch (op) {
                case KvTxn.Op.Put put -> {
                    check(put);
                    if (!puts.add(put.key())) {
                        throw new KvException(KvException.Kind.DUPLICATE_KEY);
                    }
                }
                case KvTxn.Op.Delete(KvRange keys) -> deletes.add(keys);
                case KvTxn.Op.Read(KvQuery query) -> {
                    if (query.atRevision() > revision) {
                        throw new KvException(KvException.Kind.FUTURE_REVISION);
                    }
                    if (query.atRevision() > 0
                            && query.atRevision() < history.forgottenRevision()) {
                        throw new KvException(KvException.Kind.COMPACTED);
                    }
                }
                case KvTxn.Op.Nested(KvTxn txn) ->
                        check(holds(txn) ? txn.success() : txn.failure(), puts, deletes);
            }
        }
    }

    private void check(KvTxn.Op.Put put) {
        Long lease = put.leaseId();
        if (lease != null && lease != 0 && !leases.exists(lease)) {
            throw new KvException(KvException.Kind.LEASE_NOT_FOUND);
        }
        if ((lease == null || put.value() == null) && !entries.containsKey(put.key())) {
            throw new KvException(KvException.Kind.KEY_NOT_FOUND);
        }
    }

    private List<KvTxn.Result> perform(
            List<KvTxn.Op> ops, List<Boolean> decisions, List<KvChange> changes) {
        List<KvTxn.Result> results = new ArrayList<>();
        for (KvTxn.Op op : ops) {
            results.add(
                    switch (op) {
                        case KvTxn.Op.Read(KvQuery query) -> new KvTxn.Result.Read(read(query));
                        case KvTxn.Op.Put put -> new KvTxn.Result.Put(put(put, changes));
                        case KvTxn.Op.Delete(KvRange keys) ->
                                new KvTxn.Result.Delete(delete(keys, changes));
                        case KvTxn.Op.Nested(KvTxn txn) -> {
                            boolean succeeded = decisions.removeFirst();
                            yield new KvTxn.Result.Nested(
                                    succeeded,
                                    perform(
                                            succeeded ? txn.success() : txn.failure(),
                                            decisions,
                                            changes));
                        }
                    });
        }
        return List.copyOf(results);
    }

    private @Nullable KvEntry put(KvTxn.Op.Put put, List<KvChange> changes) {
        KvEntry previous = entries.get(put.key());
        Bytes value = put.value();
        Long lease = put.leaseId();
        if (previous == null) {
            previous = KvEntry.deleted(put.key(), 0);
        }
        KvEntry entry =
                new KvEntry(
                        put.key(),
                        value == null ? previous.value() : value,
                        previous.isDeleted() ? revision + 1 : previous.createRevision(),
                        revision + 1,
                        previous.version() + 1,
                        lease == null ? previous.leaseId() : lease);
        KvEntry before = previous.isDeleted() ? null : previous;
        set(new KvChange(entry, before));
        changes.add(new KvChange(entry, before));
        return before;
    }

    private List<KvEntry> delete(KvRange keys, List<KvChange> changes) {
        List<KvEntry> gone = List.copyOf(inRange(entries, keys));
        for (KvEntry entry : gone) {
            KvChange change = new KvChange(KvEntry.deleted(entry.key(), revision + 1), entry);
            set(change);
            changes.add(change);
        }
        return gone;
    }

    private void set(KvChange change) {
        KvEntry before = change.previous();
        KvEntry after = change.entry();
        if (before != null && before.leaseId() != 0) {
            leases.detach(before.leaseId(), before.key());
        }
        if (after.isDeleted()) {
            entries.remove(after.key());
            return;
        }
        entries.put(after.key(), after);
        if (after.leaseId() != 0) {
            leases.attach(after.leaseId(), after.key());
        }
    }

    // Leases

    /**
     * @param wantedId zero lets the store choose
     * @return the identifier
     */
    public long grant(long wantedId, long ttlNanos, long nowNanos) {
        return leases.grant(wantedId, ttlNanos, nowNanos);
    }

    /** Starts the time to live anew. */
    public LeaseView keepAlive(long id, long nowNanos) {
        return view(leases.renew(id, nowNanos), nowNanos);
    }

    public LeaseView lease(long id, long nowNanos) {
        return view(leases.alive(id, nowNanos), nowNanos);
    }

    public List<Long> leaseIds() {
        return leases.all().stream().map(KvLeases.Lease::id).toList();
    }

    /** Ends the lease and deletes its keys. */
    public EndedLease revoke(long id) {
        List<KvChange> changes = new ArrayList<>();
        for (Bytes key : leases.remove(id).keys()) {
            delete(KvRange.key(key), changes);
        }
        return new EndedLease(id, commit(changes));
    }

    /** Ends every lease whose time is over, earliest first. */
    public List<EndedLease> expire(long nowNanos) {
        List<EndedLease> ended = new ArrayList<>();
        for (KvLeases.Lease first = leases.first();
                first != null && first.deadlineNanos() - nowNanos <= 0;
                first = leases.first()) {
            ended.add(revoke(first.id()));
        }
        return ended;
    }

    /** Nanoseconds until the next lease ends, zero when it is over; negative when there is none. */
    public long nextExpiryIn(long nowNanos) {
        KvLeases.Lease first = leases.first();
        return first == null ? -1 : Math.max(0, first.deadlineNanos() - nowNanos);
    }

    /** Gives every lease its whole time to live again, as etcd does when its leader changes. */
    public void renewAll(long nowNanos) {
        leases.renewAll(nowNanos);
    }

    private static LeaseView view(KvLeases.Lease lease, long nowNanos) {
        return new LeaseView(
                lease.id(),
                lease.ttlNanos(),
                lease.deadlineNanos() - nowNanos,
                List.copyOf(lease.keys()));
    }

    // Replay of what was applied before

    void replay(KvBatch batch) {
        List<KvChange> changes = new ArrayList<>();
        for (KvChange change : batch.changes()) {
            KvEntry entry = change.entry();
            KvChange applied = new KvChange(entry, entries.get(entry.key()));
            set(applied);
            changes.add(applied);
        }
        revision = batch.revision();
        history.add(new KvBatch(revision, changes));
    }

    void replayGrant(long id, long ttlNanos, long nextLeaseId, long nowNanos) {
        leases.grant(id, ttlNanos, nowNanos);
        leases.nextId(nextLeaseId);
    }

    /** The batch that deleted its keys is replayed by itself. */
    void replayEnd(long id) {
        leases.remove(id);
    }

    long nextLeaseId() {
        return leases.nextId();
    }
}
