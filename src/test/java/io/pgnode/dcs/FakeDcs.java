package io.pgnode.dcs;

import io.pgnode.dcs.embedded.Bytes;
import io.pgnode.dcs.embedded.KvBatch;
import io.pgnode.dcs.embedded.KvChange;
import io.pgnode.dcs.embedded.KvEntry;
import io.pgnode.dcs.embedded.KvException;
import io.pgnode.dcs.embedded.KvQuery;
import io.pgnode.dcs.embedded.KvRange;
import io.pgnode.dcs.embedded.KvTxn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * One client of a {@link FakeDcsServer} across a simulated network: requests and replies are
 * delayed or lost apart from each other, so a write may be applied although its reply never comes.
 *
 * <p>Single-threaded; nothing happens but inside calls and the runnables that the {@link Network}
 * runs. A watch that hears nothing asks again every {@link #WATCH_POLL}, as a client whose
 * connection broke resumes.
 */
public final class FakeDcs implements Dcs {
    /** The world between the client and the server. Runs everything on the one thread. */
    public interface Network {
        /** Runs {@code atServer} when the request arrives: later, at once, or never. */
        void toServer(String what, Runnable atServer);

        /** Runs {@code atClient} when the reply arrives: later, at once, or never. */
        void toClient(String what, Runnable atClient);

        /** Runs {@code timer} when {@code delay} has passed on the client's clock. */
        void after(Duration delay, Runnable timer);
    }

    /** Requests and replies arrive at once; timers never end. */
    public static final class Direct implements Network {
        @Override
        public void toServer(String what, Runnable atServer) {
            atServer.run();
        }

        @Override
        public void toClient(String what, Runnable atClient) {
            atClient.run();
        }

        @Override
        public void after(Duration delay, Runnable timer) {}
    }

    /** How long a silent watch waits before it asks for what it may have missed. */
    public static final Duration WATCH_POLL = Duration.ofSeconds(1);

    private final FakeDcsServer server;
    private final Network network;
    private final List<FakeWatch> watches = new ArrayList<>();
    private boolean closed;

    public FakeDcs(FakeDcsServer server, Network network) {
        this.server = server;
        this.network = network;
    }

    @Override
    public CompletableFuture<Range> range(String prefix, Duration timeout) {
        return call(
                "range " + prefix,
                timeout,
                () -> {
                    KvQuery all = KvQuery.of(KvRange.prefix(Bytes.utf8(prefix)));
                    List<KeyValue> pairs =
                            server.state().read(all).entries().stream()
                                    .map(FakeDcs::keyValue)
                                    .toList();
                    return new Range(server.state().revision(), pairs);
                });
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        KvTxn request =
                new KvTxn(
                        txn.compares().stream().map(FakeDcs::compare).toList(),
                        txn.ops().stream().map(FakeDcs::op).toList(),
                        List.of());
        return call(
                "txn " + txn,
                timeout,
                () -> {
                    KvTxn.Outcome outcome = server.state().apply(request);
                    return new TxnResult(outcome.succeeded(), outcome.revision());
                });
    }

    @Override
    public CompletableFuture<Long> grantLease(Duration ttl, Duration timeout) {
        return call(
                "grant", timeout, () -> server.state().grant(0, ttl.toNanos(), server.nowNanos()));
    }

    @Override
    public CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout) {
        return call(
                "keep-alive " + leaseId,
                timeout,
                () ->
                        Duration.ofNanos(
                                server.state().keepAlive(leaseId, server.nowNanos()).ttlNanos()));
    }

    @Override
    public CompletableFuture<Void> revokeLease(long leaseId, Duration timeout) {
        return call(
                        "revoke " + leaseId,
                        timeout,
                        () ->
                                server.state().leaseIds().contains(leaseId)
                                        && server.state().revoke(leaseId).id() == leaseId)
                .thenAccept(existed -> {});
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        FakeWatch watch = new FakeWatch(KvRange.prefix(Bytes.utf8(prefix)), fromRevision, listener);
        watches.add(watch);
        watch.ask();
        return watch;
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(watches).forEach(FakeWatch::close);
    }

    private <T> CompletableFuture<T> call(String what, Duration timeout, Supplier<T> request) {
        CompletableFuture<T> future = new CompletableFuture<>();
        if (closed) {
            future.completeExceptionally(
                    new DcsException(DcsException.Kind.CLOSED, "the client is closed", null));
            return future;
        }
        network.after(
                timeout,
                () ->
                        future.completeExceptionally(
                                new DcsException(
                                        DcsException.Kind.UNKNOWN,
                                        "no answer within " + timeout.toMillis() + " ms: " + what,
                                        null)));
        network.toServer(
                what,
                () -> {
                    try {
                        T reply = server.execute(request);
                        network.toClient(what, () -> future.complete(reply));
                    } catch (KvException e) {
                        DcsException failure = failure(e, what);
                        network.toClient(what, () -> future.completeExceptionally(failure));
                    }
                });
        return future;
    }

    private static DcsException failure(KvException e, String what) {
        DcsException.Kind kind =
                switch (e.kind()) {
                    case LEASE_NOT_FOUND -> DcsException.Kind.LEASE_NOT_FOUND;
                    case COMPACTED -> DcsException.Kind.COMPACTED;
                    case LEASE_EXISTS, KEY_NOT_FOUND, DUPLICATE_KEY, FUTURE_REVISION ->
                            DcsException.Kind.INVALID;
                };
        return new DcsException(kind, what + ": " + e.getMessage(), e);
    }

    private static KvTxn.Compare compare(Compare compare) {
        KvRange key = KvRange.key(Bytes.utf8(compare.key()));
        return switch (compare) {
            case Compare.Absent absent -> number(key, KvTxn.Field.CREATE_REVISION, 0);
            case Compare.CreateRevisionIs(var k, long revision) ->
                    number(key, KvTxn.Field.CREATE_REVISION, revision);
            case Compare.ModRevisionIs(var k, long revision) ->
                    number(key, KvTxn.Field.MOD_REVISION, revision);
            case Compare.ValueIs(var k, String value) ->
                    new KvTxn.Compare.Value(key, KvTxn.Relation.EQUAL, Bytes.utf8(value));
        };
    }

    private static KvTxn.Compare number(KvRange key, KvTxn.Field field, long number) {
        return new KvTxn.Compare.Numeric(key, field, KvTxn.Relation.EQUAL, number);
    }

    private static KvTxn.Op op(Op op) {
        Bytes key = Bytes.utf8(op.key());
        return switch (op) {
            case Op.Put(var k, String value, long leaseId) ->
                    new KvTxn.Op.Put(key, Bytes.utf8(value), leaseId);
            case Op.Delete delete -> new KvTxn.Op.Delete(KvRange.key(key));
            case Op.DeletePrefix delete -> new KvTxn.Op.Delete(KvRange.prefix(key));
        };
    }

    private static KeyValue keyValue(KvEntry entry) {
        return new KeyValue(
                entry.key().text(),
                entry.value().text(),
                entry.createRevision(),
                entry.modRevision(),
                entry.version(),
                entry.leaseId());
    }

    private final class FakeWatch implements Watch {
        private final KvRange range;
        private final WatchListener listener;
        private final LongConsumer atServer = this::pushFromServer;
        private long nextRevision;
        private boolean subscribed;
        private boolean heard = true;
        private boolean over;

        FakeWatch(KvRange range, long fromRevision, WatchListener listener) {
            this.range = range;
            this.nextRevision = fromRevision;
            this.listener = listener;
        }

        /** Subscribes at the server, now and whenever nothing was heard for a while. */
        void ask() {
            if (over) {
                return;
            }
            network.toServer(
                    "watch",
                    () -> {
                        if (!over && !subscribed) {
                            subscribed = true;
                            server.addWatcher(atServer);
                        }
                        if (!over) {
                            pushFromServer(server.state().revision());
                        }
                    });
            network.after(
                    WATCH_POLL,
                    () -> {
                        if (!over && !heard) {
                            listener.onInterrupted(
                                    new DcsException(
                                            DcsException.Kind.UNKNOWN,
                                            "nothing heard from the store for a while",
                                            null));
                        }
                        heard = false;
                        ask();
                    });
        }

        /** What is new is taken at delivery, so a lost or overtaken message loses no change. */
        private void pushFromServer(long revision) {
            network.toClient("watch", () -> deliver(revision));
        }

        private void deliver(long revision) {
            heard = true;
            if (over || revision < nextRevision) {
                return;
            }
            List<KvBatch> batches;
            try {
                batches = server.state().since(nextRevision);
            } catch (KvException e) {
                close();
                listener.onLost(failure(e, "watch"));
                return;
            }
            for (KvBatch batch : batches) {
                if (over || batch.revision() > revision) {
                    return;
                }
                nextRevision = batch.revision() + 1;
                List<Event> events =
                        batch.changes().stream()
                                .map(KvChange::entry)
                                .filter(entry -> range.contains(entry.key()))
                                .map(entry -> new Event(entry.isDeleted(), keyValue(entry)))
                                .toList();
                if (!events.isEmpty()) {
                    listener.onEvents(batch.revision(), events);
                }
            }
        }

        @Override
        public void close() {
            over = true;
            server.removeWatcher(atServer);
            watches.remove(this);
        }
    }
}
