package io.pgnode.dcs;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A linearizable key-value store with leases, transactions and watches: the part of etcd v3 we
 * need.
 *
 * <p>No call blocks. Every call ends by its timeout at the latest. Futures fail with {@link
 * DcsException} only (see {@link DcsException#of}); its kind tells a definite refusal from an
 * unknown outcome (an unknown write may have been applied). Futures complete on a thread of the
 * implementation: continue on your own.
 */
public interface Dcs extends AutoCloseable {
    /**
     * @param leaseId zero for none
     */
    record KeyValue(
            String key,
            String value,
            long createRevision,
            long modRevision,
            long version,
            long leaseId) {}

    /**
     * @param revision the store's revision at which the pairs were read
     */
    record Range(long revision, List<KeyValue> pairs) {
        public Range {
            pairs = List.copyOf(pairs);
        }
    }

    /** A condition of a transaction. */
    sealed interface Compare {
        String key();

        record Absent(String key) implements Compare {}

        record ModRevisionIs(String key, long revision) implements Compare {}

        record CreateRevisionIs(String key, long revision) implements Compare {}

        record ValueIs(String key, String value) implements Compare {}
    }

    /** An effect of a transaction. */
    sealed interface Op {
        String key();

        /**
         * @param leaseId zero for none
         */
        record Put(String key, String value, long leaseId) implements Op {}

        record Delete(String key) implements Op {}

        record DeletePrefix(String key) implements Op {}
    }

    /** All of {@code ops} when every compare holds, else nothing. */
    record Txn(List<Compare> compares, List<Op> ops) {
        public Txn {
            compares = List.copyOf(compares);
            ops = List.copyOf(ops);
        }
    }

    /**
     * @param revision the store's revision after the transaction
     */
    record TxnResult(boolean succeeded, long revision) {}

    /**
     * A change. For a deletion only the key and {@code modRevision} of {@code pair} have a meaning.
     */
    record Event(boolean deleted, KeyValue pair) {}

    /** Receives changes in order, none twice, none missing. Called on a thread of the store. */
    interface WatchListener {
        void onEvents(long revision, List<Event> events);

        /** The stream broke and is being resumed at the next revision; nothing has been missed. */
        void onInterrupted(DcsException why);

        /**
         * The history needed to resume is gone: read everything again, then watch anew. The watch
         * is over.
         */
        void onLost(DcsException why);
    }

    /** A running watch. Closing it twice is harmless. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    CompletableFuture<Range> range(String prefix, Duration timeout);

    CompletableFuture<TxnResult> txn(Txn txn, Duration timeout);

    /** Completes with the lease's id. The store may grant more than {@code ttl}, never less. */
    CompletableFuture<Long> grantLease(Duration ttl, Duration timeout);

    /**
     * Renews once. Completes with the granted time to live, which counts from some moment after the
     * request was sent. Fails with {@link DcsException.Kind#LEASE_NOT_FOUND} when the lease is
     * gone: a definite loss.
     */
    CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout);

    /** Removes the lease with its keys. A lease that is already gone is no error. */
    CompletableFuture<Void> revokeLease(long leaseId, Duration timeout);

    /** Changes under {@code prefix} with a revision of at least {@code fromRevision}. */
    Watch watch(String prefix, long fromRevision, WatchListener listener);

    @Override
    void close();
}
