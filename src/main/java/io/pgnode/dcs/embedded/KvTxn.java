package io.pgnode.dcs.embedded;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** etcd's transaction: all compares hold, then {@code success}, else {@code failure}. */
public record KvTxn(List<Compare> compares, List<Op> success, List<Op> failure) {
    public KvTxn {
        compares = List.copyOf(compares);
        success = List.copyOf(success);
        failure = List.copyOf(failure);
    }

    public static KvTxn of(Op op) {
        return new KvTxn(List.of(), List.of(op), List.of());
    }

    /** How a key's property must stand to the given one. */
    public enum Relation {
        EQUAL,
        NOT_EQUAL,
        GREATER,
        LESS;

        boolean holds(int comparison) {
            return switch (this) {
                case EQUAL -> comparison == 0;
                case NOT_EQUAL -> comparison != 0;
                case GREATER -> comparison > 0;
                case LESS -> comparison < 0;
            };
        }
    }

    /** A numeric property of a key; all are zero for a key that does not exist. */
    public enum Field {
        VERSION,
        CREATE_REVISION,
        MOD_REVISION,
        LEASE;

        long of(KvEntry entry) {
            return switch (this) {
                case VERSION -> entry.version();
                case CREATE_REVISION -> entry.createRevision();
                case MOD_REVISION -> entry.modRevision();
                case LEASE -> entry.leaseId();
            };
        }
    }

    /** A condition on every existing key of a range. */
    public sealed interface Compare {
        KvRange keys();

        record Numeric(KvRange keys, Field field, Relation relation, long number)
                implements Compare {}

        /** Never holds when there is no key in the range. */
        record Value(KvRange keys, Relation relation, Bytes value) implements Compare {}
    }

    /** An action; reads see the writes before them. */
    public sealed interface Op {
        record Read(KvQuery query) implements Op {}

        /**
         * @param value null keeps the present value; the key must exist
         * @param leaseId null keeps the present lease; the key must exist. Zero for none
         */
        record Put(Bytes key, @Nullable Bytes value, @Nullable Long leaseId) implements Op {}

        record Delete(KvRange keys) implements Op {}

        record Nested(KvTxn txn) implements Op {}
    }

    /** What an action did, in the same order. */
    public sealed interface Result {
        record Read(KvQuery.Answer answer) implements Result {}

        record Put(@Nullable KvEntry previous) implements Result {}

        record Delete(List<KvEntry> previous) implements Result {}

        record Nested(boolean succeeded, List<Result> results) implements Result {}
    }

    /**
     * @param revision the store's revision after it
     * @param batch what it changed; null for nothing
     */
    public record Outcome(
            boolean succeeded, List<Result> results, long revision, @Nullable KvBatch batch) {}
}
