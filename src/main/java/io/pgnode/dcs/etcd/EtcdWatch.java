package io.pgnode.dcs.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A watch: one stream at the preferred server, made anew at the next revision whenever it breaks or
 * another server becomes the preferred one.
 *
 * <p>Events before the next revision are dropped, so nothing arrives twice. State is confined to
 * {@link #steps}, which also calls the listener, without a lock.
 */
final class EtcdWatch implements Dcs.Watch {
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** A new stream must be confirmed in this time: a hung server accepts and says nothing. */
    private static final long CONFIRM_SECONDS = 3;

    private final ByteString prefix;
    private final Dcs.WatchListener listener;
    private final EtcdEndpoints endpoints;
    private final EtcdTokens tokens;
    private final EtcdTimer timer;
    private final Runnable forget;
    private final Runnable move = this::moveToPreferred;
    private final SynchronizationContext steps = new SynchronizationContext(this::bug);

    private volatile boolean over;
    private long nextRevision;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private @Nullable Stream stream;

    /**
     * @param forget runs once when the watch is over
     */
    EtcdWatch(
            String prefix,
            long fromRevision,
            Dcs.WatchListener listener,
            EtcdEndpoints endpoints,
            EtcdTokens tokens,
            EtcdTimer timer,
            Runnable forget) {
        this.prefix = ByteString.copyFromUtf8(prefix);
        this.nextRevision = fromRevision;
        this.listener = listener;
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.timer = timer;
        this.forget = forget;
    }

    void start() {
        endpoints.onMove(move);
        inSteps(this::open);
    }

    /** Not on the caller's thread: the listener may be called. */
    private void inSteps(Runnable step) {
        timer.now(() -> steps.execute(step));
    }

    @Override
    public void close() {
        over = true;
        endpoints.forgetOnMove(move);
        forget.run();
        inSteps(this::dropStream);
    }

    private void bug(Thread thread, Throwable bug) {
        // Events may be lost now: the listener must start over.
        end(new DcsException(DcsException.Kind.UNKNOWN, "a watch's listener failed: " + bug, bug));
    }

    private void after(long millis, Runnable step) {
        var _ = timer.after(TimeUnit.MILLISECONDS.toNanos(millis), () -> steps.execute(step));
    }

    private void open() {
        if (over || stream != null) {
            return;
        }
        EtcdEndpoint endpoint = endpoints.preferred();
        if (tokens.isNeeded()) {
            tokens.fetch(
                    endpoint,
                    TimeUnit.SECONDS.toNanos(CONFIRM_SECONDS),
                    status -> steps.execute(() -> afterToken(endpoint, status)));
            return;
        }
        Stream opened = new Stream(endpoint);
        stream = opened;
        opened.open();
        after(
                TimeUnit.SECONDS.toMillis(CONFIRM_SECONDS),
                () -> {
                    if (!opened.confirmed) {
                        broken(
                                opened,
                                Status.UNAVAILABLE.withDescription("the watch is not confirmed"));
                    }
                });
    }

    private void afterToken(EtcdEndpoint endpoint, Status status) {
        if (status.isOk()) {
            open();
        } else {
            retry(endpoint, status);
        }
    }

    private void moveToPreferred() {
        inSteps(
                () -> {
                    if (stream != null && stream.endpoint != endpoints.preferred()) {
                        dropStream();
                        open();
                    }
                });
    }

    private void dropStream() {
        Stream dropped = stream;
        stream = null;
        if (dropped != null) {
            dropped.cancel();
        }
    }

    private void broken(Stream broken, Status status) {
        if (stream != broken || over) {
            return; // one that we left behind
        }
        dropStream();
        if (EtcdErrors.isStaleToken(status)) {
            tokens.forget(broken.token);
        }
        if (EtcdErrors.kind(status) == DcsException.Kind.COMPACTED) {
            end(EtcdErrors.exception("watch", broken.endpoint, status));
        } else {
            retry(broken.endpoint, status);
        }
    }

    private void retry(EtcdEndpoint endpoint, Status status) {
        if (over) {
            return;
        }
        long pause = pauseMillis + ThreadLocalRandom.current().nextLong(pauseMillis);
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        endpoints.failed(endpoint);
        after(pause, this::open);
        listener.onInterrupted(EtcdErrors.exception("watch", endpoint, status));
    }

    private void end(DcsException why) {
        if (!over) {
            close();
            listener.onLost(why);
        }
    }

    private void received(Stream from, WatchResponse response) {
        if (stream != from || over) {
            return;
        }
        if (response.getCanceled()) {
            boolean compacted = response.getCompactRevision() > 0;
            broken(
                    from,
                    (compacted ? Status.OUT_OF_RANGE : Status.UNAVAILABLE)
                            .withDescription(
                                    compacted
                                            ? "revision "
                                                    + nextRevision
                                                    + " has been compacted, the oldest is "
                                                    + response.getCompactRevision()
                                            : "canceled by the server: "
                                                    + response.getCancelReason()));
            return;
        }
        if (response.getCreated()) {
            from.confirmed = true;
            if (response.getHeader().getRevision() < nextRevision - 1) {
                end(
                        new DcsException(
                                DcsException.Kind.COMPACTED,
                                "etcd "
                                        + from.endpoint.address()
                                        + " is at revision "
                                        + response.getHeader().getRevision()
                                        + ", behind "
                                        + (nextRevision - 1)
                                        + " which was seen before: it lost data, or is another one",
                                null));
                return;
            }
        }
        pauseMillis = FIRST_PAUSE_MILLIS;
        List<Dcs.Event> events = new ArrayList<>(response.getEventsCount());
        long last = 0;
        for (Event event : response.getEventsList()) {
            if (event.getKv().getModRevision() >= nextRevision) {
                events.add(
                        new Dcs.Event(
                                event.getType() == Event.EventType.DELETE,
                                EtcdDcs.keyValue(event.getKv())));
                last = event.getKv().getModRevision();
            }
        }
        if (!events.isEmpty()) {
            nextRevision = last + 1;
            listener.onEvents(last, events);
        }
    }

    /** The watch at one server. */
    private final class Stream implements StreamObserver<WatchResponse> {
        private final EtcdEndpoint endpoint;
        private final @Nullable String token = tokens.current();
        private @Nullable ClientCall<WatchRequest, WatchResponse> call;
        private boolean confirmed;

        Stream(EtcdEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        void open() {
            ClientCall<WatchRequest, WatchResponse> started =
                    tokens.with(endpoint.channel())
                            .newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
            call = started;
            StreamObserver<WatchRequest> requests =
                    ClientCalls.asyncBidiStreamingCall(started, this);
            requests.onNext(
                    WatchRequest.newBuilder()
                            .setCreateRequest(
                                    WatchCreateRequest.newBuilder()
                                            .setKey(prefix)
                                            .setRangeEnd(EtcdDcs.afterPrefix(prefix))
                                            .setStartRevision(nextRevision))
                            .build());
        }

        void cancel() {
            if (call != null) {
                call.cancel("the watch is closed or moves to another server", null);
            }
        }

        @Override
        public void onNext(WatchResponse response) {
            steps.execute(() -> received(this, response));
        }

        @Override
        public void onError(Throwable failure) {
            steps.execute(() -> broken(this, Status.fromThrowable(failure)));
        }

        @Override
        public void onCompleted() {
            steps.execute(
                    () ->
                            broken(
                                    this,
                                    Status.UNAVAILABLE.withDescription(
                                            "the server ended the watch")));
        }
    }
}
