package io.pgnode.sim;

import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Passes everything on, for a planted fault to override a part. */
class DcsWrapper implements Dcs {
    private final Dcs dcs;

    DcsWrapper(Dcs dcs) {
        this.dcs = dcs;
    }

    /** What the client is shown of a pair. */
    KeyValue seen(KeyValue pair) {
        return pair;
    }

    @Override
    public CompletableFuture<Range> range(String prefix, Duration timeout) {
        return dcs.range(prefix, timeout)
                .thenApply(
                        range ->
                                new Range(
                                        range.revision(),
                                        range.pairs().stream().map(this::seen).toList()));
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        return dcs.txn(txn, timeout);
    }

    @Override
    public CompletableFuture<Long> grantLease(Duration ttl, Duration timeout) {
        return dcs.grantLease(ttl, timeout);
    }

    @Override
    public CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout) {
        return dcs.keepAlive(leaseId, timeout);
    }

    @Override
    public CompletableFuture<Void> revokeLease(long leaseId, Duration timeout) {
        return dcs.revokeLease(leaseId, timeout);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return dcs.watch(
                prefix,
                fromRevision,
                new WatchListener() {
                    @Override
                    public void onEvents(long revision, List<Event> events) {
                        listener.onEvents(
                                revision,
                                events.stream()
                                        .map(
                                                event ->
                                                        event.deleted()
                                                                ? event
                                                                : new Event(
                                                                        false, seen(event.pair())))
                                        .toList());
                    }

                    @Override
                    public void onInterrupted(DcsException why) {
                        listener.onInterrupted(why);
                    }

                    @Override
                    public void onLost(DcsException why) {
                        listener.onLost(why);
                    }
                });
    }

    @Override
    public void close() {
        dcs.close();
    }
}
