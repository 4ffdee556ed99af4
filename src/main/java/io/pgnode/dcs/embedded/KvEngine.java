package io.pgnode.dcs.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns the state: it takes all waiting requests, applies them, makes what they
 * changed durable with a single sync, and only then answers them and tells the watchers. So nobody
 * ever sees what a crash could take back.
 *
 * <p>When the disk fails it stops for good: memory is ahead of the disk then.
 */
final class KvEngine implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KvEngine.class);

    /** Bounds the time until the first of a batch is answered. */
    private static final int MAX_BATCH = 1_000;

    private static final long CLOSE_SECONDS = 10;

    /** A request; runs on the engine's thread. */
    interface Request {
        /**
         * Works on the state; every change must be noted in {@code changes}.
         *
         * @return the answer, sent when the changes are durable
         */
        Runnable apply(KvState state, long nowNanos, List<KvRecord> changes);

        /** The engine stopped before it was durable: what became of it is not known. */
        void fail();
    }

    /** Learns of new revisions, on the engine's thread. */
    interface Watcher {
        void onRevision(KvState state);
    }

    private static final Request WAKE_UP =
            new Request() {
                @Override
                public Runnable apply(KvState state, long nowNanos, List<KvRecord> changes) {
                    return () -> {};
                }

                @Override
                public void fail() {}
            };

    private record Arrival(Request request, long nanos) {}

    private final KvLog log;
    private final KvState state;
    private final LongSupplier nanos;
    private final LinkedBlockingQueue<Arrival> inbox = new LinkedBlockingQueue<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final Thread thread;
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
    private volatile boolean closing;

    KvEngine(KvLog.Opened opened, LongSupplier nanos) {
        this.log = opened.log();
        this.state = opened.state();
        this.nanos = nanos;
        this.thread = Thread.ofPlatform().daemon().name("dcs-engine").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Completes when the engine has stopped; with the reason when it was not {@link #close}. */
    CompletableFuture<@Nullable Void> stopped() {
        return stopped;
    }

    void submit(Request request) {
        inbox.add(new Arrival(request, nanos.getAsLong()));
        if (stopped.isDone()) {
            failAll();
        }
    }

    /** On the engine's thread only. */
    void addWatcher(Watcher watcher) {
        watchers.add(watcher);
    }

    /** On the engine's thread only. */
    void removeWatcher(Watcher watcher) {
        watchers.remove(watcher);
    }

    private void run() {
        Throwable failure = null;
        try {
            while (!closing) {
                step();
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            LOG.errorf("the embedded dcs stops: reason=\"%s\"", e.getMessage());
        } catch (InterruptedException e) {
            // close
        }
        try {
            log.close();
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
        if (failure == null) {
            stopped.complete(null);
        } else {
            stopped.completeExceptionally(failure);
        }
        failAll();
    }

    private void failAll() {
        for (Arrival arrival = inbox.poll(); arrival != null; arrival = inbox.poll()) {
            tell(arrival.request()::fail);
        }
    }

    private void step() throws IOException, InterruptedException {
        List<Arrival> arrivals = takeWaiting();
        long revision = state.revision();
        List<KvRecord> changes = new ArrayList<>();
        List<Runnable> answers = new ArrayList<>(arrivals.size());
        try {
            for (Arrival arrival : arrivals) {
                // A request counts from its arrival: a slow disk must not end a lease.
                expire(arrival.nanos(), changes);
                answers.add(arrival.request().apply(state, arrival.nanos(), changes));
            }
            expire(nanos.getAsLong(), changes);
            if (!changes.isEmpty()) {
                log.append(changes);
            }
        } catch (IOException | RuntimeException | Error e) {
            arrivals.forEach(arrival -> tell(arrival.request()::fail));
            throw e;
        }
        answers.forEach(KvEngine::tell);
        if (state.revision() != revision) {
            List.copyOf(watchers).forEach(watcher -> tell(() -> watcher.onRevision(state)));
        }
        if (log.shouldBeReplaced()) {
            log.replaceBy(state.image());
        }
    }

    /** A client that cannot be told must not stop the store. */
    private static void tell(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException e) {
            LOG.debugf(e, "a client was not told");
        }
    }

    private List<Arrival> takeWaiting() throws InterruptedException {
        long expiry = state.nextExpiryIn(nanos.getAsLong());
        Arrival first = expiry < 0 ? inbox.take() : inbox.poll(expiry, TimeUnit.NANOSECONDS);
        List<Arrival> arrivals = new ArrayList<>();
        if (first != null) {
            arrivals.add(first);
            inbox.drainTo(arrivals, MAX_BATCH);
        }
        return arrivals;
    }

    private void expire(long nowNanos, List<KvRecord> changes) {
        for (KvState.EndedLease lease : state.expire(nowNanos)) {
            note(lease, changes);
        }
    }

    static void note(KvState.EndedLease lease, List<KvRecord> changes) {
        changes.add(new KvRecord.End(lease.id()));
        note(lease.batch(), changes);
    }

    static void note(@Nullable KvBatch batch, List<KvRecord> changes) {
        if (batch != null) {
            changes.add(new KvRecord.Batch(batch));
        }
    }

    @Override
    public void close() {
        closing = true;
        submit(WAKE_UP); // an interrupt would close the file in the middle of a write
        try {
            if (!thread.join(Duration.ofSeconds(CLOSE_SECONDS))) {
                LOG.warn("the embedded dcs did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
