package io.pgnode.dcs.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KvStateTest {
    private static final long SECOND = 1_000_000_000L;

    private final KvState state = new KvState(100, 50);

    static Bytes b(String text) {
        return Bytes.utf8(text);
    }

    private static KvTxn.Op put(String key, String value, long lease) {
        return new KvTxn.Op.Put(b(key), b(value), lease);
    }

    private static KvTxn.Op delete(String key) {
        return new KvTxn.Op.Delete(KvRange.key(b(key)));
    }

    private static KvTxn txn(List<KvTxn.Compare> compares, List<KvTxn.Op> success) {
        return new KvTxn(compares, success, List.of());
    }

    private KvTxn.Outcome apply(KvTxn.Op... ops) {
        return state.apply(txn(List.of(), List.of(ops)));
    }

    private List<KvEntry> all() {
        return state.read(KvQuery.of(KvRange.prefix(Bytes.EMPTY))).entries();
    }

    private List<String> keys() {
        return all().stream().map(entry -> entry.key().text()).toList();
    }

    private static void assertRefused(KvException.Kind kind, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        KvException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void revisionsCountChangingTransactions() {
        assertThat(state.revision()).isEqualTo(1);
        assertThat(apply(put("a", "1", 0), put("b", "1", 0)).revision()).isEqualTo(2);
        assertThat(apply(delete("missing")).revision()).isEqualTo(2);
        assertThat(apply(put("a", "2", 0)).revision()).isEqualTo(3);

        assertThat(all().getFirst()).isEqualTo(new KvEntry(b("a"), b("2"), 2, 3, 2, 0));
        apply(delete("a"));
        apply(put("a", "3", 0));
        assertThat(all().getFirst()).isEqualTo(new KvEntry(b("a"), b("3"), 5, 5, 1, 0));
    }

    @Test
    void comparesHaveEtcdsMeaning() {
        apply(put("k", "m", 0)); // create 2, mod 2
        apply(put("k", "m", 0)); // mod 3, version 2
        KvRange k = KvRange.key(b("k"));
        KvRange none = KvRange.key(b("none"));
        record Case(KvTxn.Compare compare, boolean holds) {}
        List<Case> cases =
                List.of(
                        new Case(number(k, KvTxn.Field.VERSION, KvTxn.Relation.EQUAL, 2), true),
                        new Case(number(k, KvTxn.Field.VERSION, KvTxn.Relation.GREATER, 2), false),
                        new Case(
                                number(k, KvTxn.Field.CREATE_REVISION, KvTxn.Relation.LESS, 3),
                                true),
                        new Case(
                                number(k, KvTxn.Field.MOD_REVISION, KvTxn.Relation.NOT_EQUAL, 3),
                                false),
                        new Case(number(k, KvTxn.Field.LEASE, KvTxn.Relation.EQUAL, 0), true),
                        new Case(
                                number(none, KvTxn.Field.CREATE_REVISION, KvTxn.Relation.EQUAL, 0),
                                true),
                        new Case(
                                number(none, KvTxn.Field.VERSION, KvTxn.Relation.GREATER, 0),
                                false),
                        new Case(new KvTxn.Compare.Value(k, KvTxn.Relation.EQUAL, b("m")), true),
                        new Case(new KvTxn.Compare.Value(k, KvTxn.Relation.GREATER, b("a")), true),
                        new Case(new KvTxn.Compare.Value(k, KvTxn.Relation.LESS, b("a")), false),
                        new Case(
                                new KvTxn.Compare.Value(none, KvTxn.Relation.NOT_EQUAL, b("a")),
                                false));
        for (Case c : cases) {
            assertThat(state.apply(txn(List.of(c.compare), List.of())).succeeded())
                    .as("%s", c.compare)
                    .isEqualTo(c.holds);
        }
    }

    private static KvTxn.Compare number(
            KvRange keys, KvTxn.Field field, KvTxn.Relation relation, long number) {
        return new KvTxn.Compare.Numeric(keys, field, relation, number);
    }

    @Test
    void compareOfARangeHoldsForEveryKeyInIt() {
        apply(put("r/a", "1", 0), put("r/b", "2", 0));
        KvTxn.Compare same =
                new KvTxn.Compare.Value(KvRange.prefix(b("r/")), KvTxn.Relation.LESS, b("2"));

        assertThat(state.apply(txn(List.of(same), List.of())).succeeded()).isFalse();
        apply(put("r/b", "1", 0));
        assertThat(state.apply(txn(List.of(same), List.of())).succeeded()).isTrue();
    }

    @Test
    void nestedTransactionsDecideOnTheStateBefore() {
        KvTxn.Compare absent =
                number(KvRange.key(b("a")), KvTxn.Field.VERSION, KvTxn.Relation.EQUAL, 0);
        KvTxn inner =
                new KvTxn(
                        List.of(absent),
                        List.of(put("inner", "absent", 0)),
                        List.of(put("inner", "present", 0)));

        KvTxn.Outcome outcome =
                apply(
                        put("a", "1", 0),
                        new KvTxn.Op.Nested(inner),
                        new KvTxn.Op.Read(KvQuery.of(KvRange.key(b("a")))));

        assertThat(outcome.results().get(1))
                .isInstanceOfSatisfying(
                        KvTxn.Result.Nested.class, n -> assertThat(n.succeeded()).isTrue());
        assertThat(outcome.results().get(2)) // reads see the writes before them
                .isInstanceOfSatisfying(
                        KvTxn.Result.Read.class,
                        read -> assertThat(read.answer().entries()).hasSize(1));
        assertThat(all().get(1).value()).isEqualTo(b("absent"));
    }

    @Test
    void refusedTransactionChangesNothing() {
        apply(put("a", "1", 0));
        assertRefused(
                KvException.Kind.DUPLICATE_KEY, () -> apply(put("b", "1", 0), put("b", "2", 0)));
        assertRefused(
                KvException.Kind.DUPLICATE_KEY,
                () -> apply(put("b", "1", 0), new KvTxn.Op.Delete(KvRange.prefix(b("")))));
        assertRefused(
                KvException.Kind.LEASE_NOT_FOUND, () -> apply(put("b", "1", 0), put("c", "2", 9)));
        assertRefused(
                KvException.Kind.KEY_NOT_FOUND,
                () -> apply(put("b", "1", 0), new KvTxn.Op.Put(b("c"), null, 0L)));
        assertRefused(
                KvException.Kind.FUTURE_REVISION,
                () -> apply(put("b", "1", 0), new KvTxn.Op.Read(at(KvRange.key(b("a")), 99))));

        assertThat(keys()).containsExactly("a");
        assertThat(state.revision()).isEqualTo(2);
    }

    private static KvQuery at(KvRange keys, long revision) {
        return new KvQuery(keys, revision, 0, KvQuery.Order.KEY, false, false, 0, 0, 0, 0);
    }

    @Test
    void putMayKeepValueOrLease() {
        long lease = state.grant(0, SECOND, 0);
        apply(put("a", "1", lease));
        apply(new KvTxn.Op.Put(b("a"), b("2"), null));
        assertThat(all().getFirst().leaseId()).isEqualTo(lease);
        apply(new KvTxn.Op.Put(b("a"), null, 0L));
        assertThat(all().getFirst().value()).isEqualTo(b("2"));
        assertThat(state.revoke(lease).batch()).isNull();
    }

    @Test
    void leaseEndsAtItsTimeUnlessItIsRenewed() {
        long lease = state.grant(0, 2 * SECOND, 0);
        apply(put("a", "1", lease), put("b", "1", lease));
        assertThat(state.nextExpiryIn(SECOND)).isEqualTo(SECOND);
        assertThat(state.expire(2 * SECOND - 1)).isEmpty();
        assertThat(state.keepAlive(lease, 2 * SECOND - 1).remainingNanos()).isEqualTo(2 * SECOND);
        assertThat(state.expire(2 * SECOND)).isEmpty();

        List<KvState.EndedLease> ended = state.expire(4 * SECOND);

        assertThat(ended).hasSize(1);
        KvBatch batch = Objects.requireNonNull(ended.getFirst().batch());
        assertThat(batch.changes()).hasSize(2).allMatch(change -> change.entry().isDeleted());
        assertThat(all()).isEmpty();
        assertRefused(KvException.Kind.LEASE_NOT_FOUND, () -> state.keepAlive(lease, 4 * SECOND));
        assertThat(state.nextExpiryIn(4 * SECOND)).isNegative();
    }

    @Test
    void leaseThatIsOverCannotBeRenewedBeforeItIsCollected() {
        long lease = state.grant(0, SECOND, 0);
        assertRefused(KvException.Kind.LEASE_NOT_FOUND, () -> state.keepAlive(lease, SECOND));
    }

    @Test
    void clockMayWrapAround() {
        long now = Long.MAX_VALUE - SECOND / 2;
        long lease = state.grant(0, SECOND, now);
        assertThat(state.expire(now + SECOND - 1)).isEmpty();
        assertThat(state.expire(now + SECOND)).hasSize(1);
        assertThat(state.leaseIds()).doesNotContain(lease);
    }

    @Test
    void leaseIdsAreNotUsedTwice() {
        long one = state.grant(0, SECOND, 0);
        var _ = state.revoke(one);
        assertThat(state.grant(0, SECOND, 0)).isNotEqualTo(one);
        assertThat(state.grant(77, SECOND, 0)).isEqualTo(77);
        assertRefused(KvException.Kind.LEASE_EXISTS, () -> state.grant(77, SECOND, 0));
    }

    @Test
    void pastIsReadUntilItIsForgotten() {
        apply(put("a", "1", 0)); // 2
        apply(put("b", "1", 0)); // 3
        apply(put("a", "2", 0), delete("b")); // 4

        assertThat(state.read(at(KvRange.prefix(b("")), 2)).entries()).hasSize(1);
        assertThat(state.read(at(KvRange.prefix(b("")), 3)).entries()).hasSize(2);
        assertThat(state.read(at(KvRange.key(b("a")), 3)).entries().getFirst().value())
                .isEqualTo(b("1"));
        state.compact(4);
        assertRefused(KvException.Kind.COMPACTED, () -> state.read(at(KvRange.prefix(b("")), 2)));
        assertRefused(KvException.Kind.COMPACTED, () -> state.since(3));
        assertThat(state.since(4)).hasSize(1);
        assertThat(state.since(9)).isEmpty();
        assertRefused(KvException.Kind.COMPACTED, () -> state.compact(3));
        assertRefused(KvException.Kind.FUTURE_REVISION, () -> state.compact(5));
    }

    @Test
    void historyIsBounded() {
        for (int i = 0; i < 60; i++) {
            apply(put("a", "" + i, 0));
        }
        assertThat(state.oldestWatchable()).isEqualTo(12); // 60 batches from 2 on, 50 kept
        assertThat(state.since(12)).hasSize(50);
        assertRefused(KvException.Kind.COMPACTED, () -> state.since(11));
    }

    @Test
    void queryLimitsSortsAndCounts() {
        apply(put("a", "3", 0));
        apply(put("b", "1", 0));
        apply(put("c", "2", 0));
        KvRange every = KvRange.prefix(Bytes.EMPTY);

        KvQuery.Answer two =
                state.read(new KvQuery(every, 0, 2, KvQuery.Order.VALUE, true, false, 0, 0, 0, 0));
        assertThat(two.entries()).extracting(KvEntry::value).containsExactly(b("3"), b("2"));
        assertThat(two.more()).isTrue();
        assertThat(two.count()).isEqualTo(3);
        KvQuery.Answer count =
                state.read(new KvQuery(every, 0, 0, KvQuery.Order.KEY, false, true, 0, 0, 0, 0));
        assertThat(count.entries()).isEmpty();
        assertThat(count.count()).isEqualTo(3);
        assertThat(
                        state.read(
                                        new KvQuery(
                                                every,
                                                0,
                                                0,
                                                KvQuery.Order.KEY,
                                                false,
                                                false,
                                                3,
                                                3,
                                                0,
                                                0))
                                .entries())
                .extracting(KvEntry::key)
                .containsExactly(b("b"));
    }

    @Test
    void rangesFollowEtcdsConventions() {
        assertThat(KvRange.etcd(b("a"), Bytes.EMPTY).contains(b("a"))).isTrue();
        assertThat(KvRange.etcd(b("a"), Bytes.EMPTY).contains(b("aa"))).isFalse();
        assertThat(KvRange.etcd(b("b"), Bytes.of(new byte[1])).contains(b("zz"))).isTrue();
        assertThat(KvRange.etcd(b("b"), Bytes.of(new byte[1])).contains(b("a"))).isFalse();
        assertThat(KvRange.etcd(b("a"), b("c")).contains(b("bzzz"))).isTrue();
        assertThat(KvRange.etcd(b("a"), b("c")).contains(b("c"))).isFalse();
        Bytes high = Bytes.of(new byte[] {(byte) 0xFF, (byte) 0xFF});
        assertThat(high.afterPrefix()).isNull();
        assertThat(KvRange.prefix(high).contains(high)).isTrue();
        assertThat(b("a").compareTo(high)).isNegative(); // unsigned
        state.read(KvQuery.of(new KvRange(b("z"), b("a")))); // empty, no failure
    }

    /** A random history: replayed from its records it gives the same state. */
    static List<KvRecord> randomHistory(KvState state, Random random, int steps) {
        List<KvRecord> records = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < steps; i++) {
            now += random.nextInt(500_000_000);
            for (KvState.EndedLease ended : state.expire(now)) {
                KvEngine.note(ended, records);
            }
            List<Long> leases = new ArrayList<>(state.leaseIds());
            long lease = leases.isEmpty() ? 0 : leases.get(random.nextInt(leases.size()));
            switch (random.nextInt(8)) {
                case 0 -> {
                    long ttl = (1 + random.nextInt(5)) * SECOND;
                    long id = state.grant(0, ttl, now);
                    records.add(new KvRecord.Grant(id, ttl, state.nextLeaseId()));
                }
                case 1 -> {
                    if (lease != 0) {
                        KvEngine.note(state.revoke(lease), records);
                    }
                }
                case 2 -> {
                    long revision = state.revision() - random.nextInt(5);
                    if (revision > state.oldestWatchable()) {
                        state.compact(revision);
                        records.add(new KvRecord.Compact(revision));
                    }
                }
                case 3 ->
                        KvEngine.note(
                                state.apply(
                                                KvTxn.of(
                                                        new KvTxn.Op.Delete(
                                                                KvRange.prefix(
                                                                        b(
                                                                                "k"
                                                                                        + random
                                                                                                .nextInt(
                                                                                                        10))))))
                                        .batch(),
                                records);
                default ->
                        KvEngine.note(
                                state.apply(
                                                txn(
                                                        List.of(),
                                                        List.of(
                                                                put(
                                                                        "k" + random.nextInt(30),
                                                                        "v" + i,
                                                                        random.nextBoolean()
                                                                                ? lease
                                                                                : 0),
                                                                put("x" + i % 3, "w", 0))))
                                        .batch(),
                                records);
            }
        }
        return records;
    }

    static void assertSame(KvState.Image actual, KvState.Image expected) {
        assertThat(actual.revision()).isEqualTo(expected.revision());
        assertThat(actual.forgottenRevision()).isEqualTo(expected.forgottenRevision());
        assertThat(actual.nextLeaseId()).isEqualTo(expected.nextLeaseId());
        assertThat(actual.entries()).isEqualTo(expected.entries());
        assertThat(actual.history()).isEqualTo(expected.history());
        assertThat(actual.leases()).hasSameSizeAs(expected.leases());
        for (int i = 0; i < expected.leases().size(); i++) {
            KvLeases.Lease lease = actual.leases().get(i);
            assertThat(lease.id()).isEqualTo(expected.leases().get(i).id());
            assertThat(lease.ttlNanos()).isEqualTo(expected.leases().get(i).ttlNanos());
            assertThat(lease.keys()).isEqualTo(expected.leases().get(i).keys());
        }
    }

    @Test
    void everyKeyOnALeaseIsKnownToIt() {
        for (int seed = 0; seed < 50; seed++) {
            KvState random = new KvState(1, 1000);
            var _ = randomHistory(random, new Random(seed), 200);
            for (KvEntry entry : random.image().entries()) {
                KvLeases.@Nullable Lease lease =
                        random.image().leases().stream()
                                .filter(l -> l.id() == entry.leaseId())
                                .findFirst()
                                .orElse(null);
                assertThat(
                                entry.leaseId() == 0
                                        || lease != null && lease.keys().contains(entry.key()))
                        .as("seed %d, %s", seed, entry)
                        .isTrue();
            }
        }
    }
}
