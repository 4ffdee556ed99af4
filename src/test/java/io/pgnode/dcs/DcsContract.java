package io.pgnode.dcs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.dcs.Dcs.Compare;
import io.pgnode.dcs.Dcs.Event;
import io.pgnode.dcs.Dcs.KeyValue;
import io.pgnode.dcs.Dcs.Op;
import io.pgnode.dcs.Dcs.Range;
import io.pgnode.dcs.Dcs.Txn;
import io.pgnode.dcs.Dcs.TxnResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Dcs} must do. Each test has keys of its own, so that one server serves all. */
abstract class DcsContract {
    /** Generous: the machine may be busy. Nothing waits for it but a failing test. */
    static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** The shortest that etcd grants by default. */
    static final Duration SHORT_TTL = Duration.ofSeconds(2);

    private final List<Dcs> clients = new ArrayList<>();
    private String prefix = "";
    private @Nullable Dcs client;

    /** A client of the one server. */
    abstract Dcs connect();

    /** Lets time pass until it holds, at most the given (real or virtual) time. */
    abstract void await(Duration atMost, BooleanSupplier condition);

    /** From now on the server takes requests and connections, but answers nothing. */
    abstract void hang();

    abstract void unhang();

    /** The server dies and comes back with its data. */
    abstract void restart();

    @BeforeEach
    void openClient() {
        prefix = "/contract/" + System.nanoTime() + "/";
        client = open();
    }

    @AfterEach
    void closeClients() {
        clients.forEach(Dcs::close);
    }

    private Dcs dcs() {
        return requireNonNull(client);
    }

    Dcs open() {
        Dcs opened = connect();
        clients.add(opened);
        return opened;
    }

    <T> T get(CompletableFuture<T> future) {
        await(TIMEOUT.plusSeconds(10), future::isDone);
        assertThat(future).isDone();
        return future.join();
    }

    DcsException failure(CompletableFuture<?> future) {
        await(TIMEOUT.plusSeconds(10), future::isDone);
        assertThat(future).isCompletedExceptionally();
        return DcsException.of(future.exceptionNow());
    }

    private String key(String name) {
        return prefix + name;
    }

    private TxnResult put(String name, String value, long leaseId) {
        return txn(List.of(), new Op.Put(key(name), value, leaseId));
    }

    private TxnResult txn(List<Compare> compares, Op... ops) {
        return get(dcs().txn(new Txn(compares, List.of(ops)), TIMEOUT));
    }

    private Range range() {
        return get(dcs().range(prefix, TIMEOUT));
    }

    private KeyValue only() {
        assertThat(range().pairs()).hasSize(1);
        return range().pairs().getFirst();
    }

    // Keys and transactions

    @Test
    void pairCarriesItsRevisionsVersionAndLease() {
        long lease = get(dcs().grantLease(Duration.ofSeconds(60), TIMEOUT));
        long first = put("k", "one", 0).revision();
        long second = put("k", "zwei ✓", lease).revision();

        assertThat(second).isGreaterThan(first);
        assertThat(only()).isEqualTo(new KeyValue(key("k"), "zwei ✓", first, second, 2, lease));
        assertThat(range().revision()).isGreaterThanOrEqualTo(second);
    }

    @Test
    void rangeHasTheKeysUnderThePrefixInOrder() {
        put("b", "2", 0);
        put("a", "1", 0);
        put("a/x", "3", 0);
        get(dcs().txn(new Txn(List.of(), List.of(new Op.Put("/contract0", "other", 0))), TIMEOUT));

        assertThat(range().pairs().stream().map(KeyValue::key).toList())
                .containsExactly(key("a"), key("a/x"), key("b"));
        assertThat(get(dcs().range(key("nothing"), TIMEOUT)).pairs()).isEmpty();
    }

    @Test
    void transactionAppliesAllOrNothing() {
        long revision = put("a", "1", 0).revision();

        TxnResult refused =
                txn(
                        List.of(new Compare.ValueIs(key("a"), "1"), new Compare.Absent(key("a"))),
                        new Op.Put(key("b"), "x", 0),
                        new Op.Delete(key("a")));
        assertThat(refused.succeeded()).isFalse();
        assertThat(range().pairs()).hasSize(1);

        TxnResult applied =
                txn(
                        List.of(
                                new Compare.ValueIs(key("a"), "1"),
                                new Compare.ModRevisionIs(key("a"), revision),
                                new Compare.CreateRevisionIs(key("a"), revision),
                                new Compare.Absent(key("b"))),
                        new Op.Put(key("b"), "x", 0),
                        new Op.Put(key("c"), "y", 0),
                        new Op.Delete(key("a")));
        assertThat(applied.succeeded()).isTrue();
        assertThat(range().pairs()).extracting(KeyValue::key).containsExactly(key("b"), key("c"));
        assertThat(range().pairs())
                .extracting(KeyValue::modRevision)
                .containsOnly(applied.revision());
    }

    @Test
    void comparesOfAMissingKey() {
        assertThat(txn(List.of(new Compare.Absent(key("a")))).succeeded()).isTrue();
        assertThat(txn(List.of(new Compare.ValueIs(key("a"), ""))).succeeded()).isFalse();
        assertThat(txn(List.of(new Compare.ModRevisionIs(key("a"), 5))).succeeded()).isFalse();
    }

    @Test
    void deletePrefixRemovesAllBelow() {
        put("d/1", "1", 0);
        put("d/2", "2", 0);
        put("e", "3", 0);

        txn(List.of(), new Op.DeletePrefix(key("d/")), new Op.Delete(key("missing")));

        assertThat(range().pairs()).extracting(KeyValue::key).containsExactly(key("e"));
    }

    @Test
    void twoPutsOfOneKeyAreInvalid() {
        CompletableFuture<TxnResult> twice =
                dcs().txn(
                                new Txn(
                                        List.of(),
                                        List.of(
                                                new Op.Put(key("a"), "1", 0),
                                                new Op.Put(key("a"), "2", 0))),
                                TIMEOUT);

        assertThat(failure(twice).kind()).isEqualTo(DcsException.Kind.INVALID);
        assertThat(range().pairs()).isEmpty();
    }

    @Test
    void onlyOneOfManyRacersWins() {
        List<CompletableFuture<TxnResult>> racers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            racers.add(
                    open().txn(
                                    new Txn(
                                            List.of(new Compare.Absent(key("leader"))),
                                            List.of(new Op.Put(key("leader"), "n" + i, 0))),
                                    TIMEOUT));
        }

        assertThat(racers.stream().filter(racer -> get(racer).succeeded())).hasSize(1);
    }

    // Leases

    @Test
    void keysVanishWithTheirLeaseAndItIsSeen() {
        Recorder recorder = watch(range().revision() + 1);
        long lease = get(dcs().grantLease(SHORT_TTL, TIMEOUT));
        put("a", "1", lease);
        put("b", "2", lease);
        put("c", "3", 0);

        await(Duration.ofSeconds(30), () -> range().pairs().size() == 1);

        assertThat(only().key()).isEqualTo(key("c"));
        await(TIMEOUT, () -> recorder.events().size() == 5);
        assertThat(recorder.events().subList(3, 5))
                .allMatch(Event::deleted)
                .extracting(event -> event.pair().key())
                .containsExactlyInAnyOrder(key("a"), key("b"));
    }

    @Test
    void renewedLeaseKeepsItsKeys() {
        long lease = get(dcs().grantLease(SHORT_TTL, TIMEOUT));
        put("a", "1", lease);
        long grantedAt = nanoTime();

        await(
                Duration.ofSeconds(20),
                () -> {
                    assertThat(get(dcs().keepAlive(lease, TIMEOUT)))
                            .isGreaterThanOrEqualTo(SHORT_TTL);
                    return nanoTime() - grantedAt > SHORT_TTL.multipliedBy(2).toNanos();
                });

        assertThat(range().pairs()).hasSize(1);
    }

    /** Of the same clock as {@link #await}. */
    long nanoTime() {
        return System.nanoTime();
    }

    @Test
    void keepAliveOfALeaseThatIsGoneIsADefiniteLoss() {
        long lease = get(dcs().grantLease(Duration.ofSeconds(60), TIMEOUT));
        put("a", "1", lease);
        get(dcs().revokeLease(lease, TIMEOUT));

        assertThat(failure(dcs().keepAlive(lease, TIMEOUT)).kind())
                .isEqualTo(DcsException.Kind.LEASE_NOT_FOUND);
        assertThat(range().pairs()).isEmpty();
        get(dcs().revokeLease(lease, TIMEOUT)); // no error
    }

    @Test
    void putOnALeaseThatIsGoneIsRefusedAsAWhole() {
        CompletableFuture<TxnResult> put =
                dcs().txn(
                                new Txn(
                                        List.of(),
                                        List.of(
                                                new Op.Put(key("a"), "1", 0),
                                                new Op.Put(key("b"), "1", 4711))),
                                TIMEOUT);

        assertThat(failure(put).kind()).isEqualTo(DcsException.Kind.LEASE_NOT_FOUND);
        assertThat(range().pairs()).isEmpty();
    }

    @Test
    void keyMayLeaveItsLease() {
        long lease = get(dcs().grantLease(Duration.ofSeconds(60), TIMEOUT));
        put("a", "1", lease);
        put("a", "2", 0);
        get(dcs().revokeLease(lease, TIMEOUT));

        assertThat(only().value()).isEqualTo("2");
    }

    @Test
    void leasesDiffer() {
        long one = get(dcs().grantLease(SHORT_TTL, TIMEOUT));
        long two = get(dcs().grantLease(SHORT_TTL, TIMEOUT));

        assertThat(one).isNotZero().isNotEqualTo(two);
        assertThat(two).isNotZero();
    }

    // Watches

    static final class Recorder implements Dcs.WatchListener {
        private final List<Event> events = new CopyOnWriteArrayList<>();
        private final List<Long> revisions = new CopyOnWriteArrayList<>();
        final List<DcsException> interruptions = new CopyOnWriteArrayList<>();
        volatile @Nullable DcsException lost;

        List<Event> events() {
            return events;
        }

        List<String> values() {
            return events.stream().map(event -> event.pair().value()).toList();
        }

        @Override
        public void onEvents(long revision, List<Event> batch) {
            revisions.add(revision);
            events.addAll(batch);
        }

        @Override
        public void onInterrupted(DcsException why) {
            interruptions.add(why);
        }

        @Override
        public void onLost(DcsException why) {
            lost = why;
        }
    }

    private final List<Dcs.Watch> watches = new ArrayList<>();

    private Recorder watch(long fromRevision) {
        Recorder recorder = new Recorder();
        watches.add(dcs().watch(prefix, fromRevision, recorder));
        return recorder;
    }

    @Test
    void watchSeesEveryChangeInOrderFromItsRevision() {
        put("early", "0", 0);
        long from = put("a", "1", 0).revision();
        Recorder recorder = watch(from);
        put("b", "2", 0);
        get(dcs().txn(new Txn(List.of(), List.of(new Op.Put("/contract0", "other", 0))), TIMEOUT));
        txn(List.of(), new Op.Put(key("a"), "3", 0), new Op.Delete(key("b")));

        await(TIMEOUT, () -> recorder.events().size() == 4);

        assertThat(recorder.values()).containsExactly("1", "2", "3", "");
        assertThat(recorder.events())
                .extracting(Event::deleted)
                .containsExactly(false, false, false, true);
        assertThat(recorder.revisions).isSorted();
        assertThat(recorder.events().get(3).pair().key()).isEqualTo(key("b"));
        assertThat(recorder.events().get(3).pair().modRevision())
                .isEqualTo(recorder.revisions.getLast());
        assertThat(recorder.lost).isNull();
    }

    @Test
    void closedWatchIsSilent() {
        Recorder recorder = watch(range().revision() + 1);
        put("a", "1", 0);
        await(TIMEOUT, () -> recorder.events().size() == 1);

        watches.getFirst().close();
        watches.getFirst().close();
        put("a", "2", 0);
        Recorder other = watch(range().revision());
        await(TIMEOUT, () -> other.events().size() == 1);

        assertThat(recorder.values()).containsExactly("1");
    }

    @Test
    void watchGoesOnAcrossARestartWithoutLossOrRepetition() {
        Recorder recorder = watch(range().revision() + 1);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            written.add("v" + i);
            put("k", "v" + i, 0);
            if (i % 20 == 10) {
                restart();
                await(Duration.ofSeconds(60), this::answers);
            }
        }

        await(Duration.ofSeconds(60), () -> recorder.events().size() >= written.size());

        assertThat(recorder.values()).isEqualTo(written);
        assertThat(recorder.lost).isNull();
    }

    private boolean answers() {
        CompletableFuture<Range> range = dcs().range(prefix, TIMEOUT);
        await(TIMEOUT.plusSeconds(1), range::isDone);
        return range.isDone() && !range.isCompletedExceptionally();
    }

    @Test
    void dataSurvivesARestart() {
        long lease = get(dcs().grantLease(Duration.ofSeconds(30), TIMEOUT));
        put("plain", "1", 0);
        put("leased", "2", lease);
        Range before = range();

        restart();
        await(Duration.ofSeconds(60), this::answers);

        assertThat(range().pairs()).isEqualTo(before.pairs());
        assertThat(range().revision()).isEqualTo(before.revision());
        assertThat(get(dcs().keepAlive(lease, TIMEOUT))).isGreaterThan(Duration.ofSeconds(20));
        assertThat(get(dcs().grantLease(SHORT_TTL, TIMEOUT))).isNotEqualTo(lease);
    }

    // Faults

    @Test
    void everyCallEndsByItsTimeoutAtAHungServer() {
        long lease = get(dcs().grantLease(Duration.ofSeconds(60), TIMEOUT));
        Duration timeout = Duration.ofMillis(400);
        hang();
        try {
            long before = nanoTime();
            List<CompletableFuture<?>> calls =
                    List.of(
                            dcs().range(prefix, timeout),
                            dcs().txn(
                                            new Txn(
                                                    List.of(),
                                                    List.of(new Op.Put(key("a"), "1", 0))),
                                            timeout),
                            dcs().grantLease(SHORT_TTL, timeout),
                            dcs().keepAlive(lease, timeout),
                            dcs().revokeLease(lease, timeout));
            for (CompletableFuture<?> call : calls) {
                assertThat(failure(call).kind()).isEqualTo(DcsException.Kind.UNKNOWN);
            }
            assertThat(Duration.ofNanos(nanoTime() - before)).isLessThan(timeout.plusSeconds(3));
        } finally {
            unhang();
        }
        await(Duration.ofSeconds(60), this::answers);
    }

    @Test
    void closedClientRefusesCalls() {
        Dcs other = open();
        other.close();
        other.close();

        assertThat(failure(other.range(prefix, TIMEOUT)).kind())
                .isEqualTo(DcsException.Kind.CLOSED);
        assertThat(failure(other.keepAlive(1, TIMEOUT)).kind()).isEqualTo(DcsException.Kind.CLOSED);
    }
}
