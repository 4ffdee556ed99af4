package io.pgnode.dcs.etcd;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request: its attempts at one or more servers, until its deadline.
 *
 * <p>A request that may be repeated is tried at the next server when the present one is silent for
 * its share of the time; the first answer counts. Any other request goes out once: another attempt
 * follows only when the one before never got a connection, or was refused for its token.
 *
 * <p>State is confined to {@link #steps}.
 */
final class EtcdCall<Q, R> {
    /** How long to wait when no server could be connected to. */
    private static final long PAUSE_MILLIS = 100;

    /** A server that says nothing for this part of the time is given up, if there is another. */
    private static final int SHARES = 3;

    private final String what;
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final boolean repeatable;
    private final long timeoutNanos;
    private final long startNanos = System.nanoTime();
    private final EtcdEndpoints endpoints;
    private final EtcdTokens tokens;
    private final EtcdTimer timer;
    private final CompletableFuture<R> future = new CompletableFuture<>();
    private final SynchronizationContext steps = new SynchronizationContext(this::bug);

    private final Deque<EtcdEndpoint> untried = new ArrayDeque<>();
    private final List<Attempt> underWay = new ArrayList<>();
    private @Nullable DcsException lastFailure;
    private boolean renewedToken;

    EtcdCall(
            String what,
            MethodDescriptor<Q, R> method,
            Q request,
            boolean repeatable,
            Duration timeout,
            EtcdEndpoints endpoints,
            EtcdTokens tokens,
            EtcdTimer timer) {
        this.what = what;
        this.method = method;
        this.request = request;
        this.repeatable = repeatable;
        this.timeoutNanos = timeout.toNanos();
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.timer = timer;
    }

    CompletableFuture<R> start() {
        EtcdTimer.Pending end = after(timeoutNanos, this::timeOut);
        var _ = future.whenComplete((answer, failure) -> end.cancel());
        steps.execute(this::attempt);
        return future;
    }

    private void bug(Thread thread, Throwable bug) {
        future.completeExceptionally(
                new DcsException(DcsException.Kind.UNKNOWN, what + ": " + bug, bug));
    }

    private EtcdTimer.Pending after(long nanos, Runnable step) {
        return timer.after(nanos, () -> steps.execute(step));
    }

    private long leftNanos() {
        return timeoutNanos - (System.nanoTime() - startNanos);
    }

    private void attempt() {
        long left = leftNanos();
        if (future.isDone() || left <= 0) {
            return;
        }
        if (untried.isEmpty()) {
            untried.addAll(endpoints.byPreference());
        }
        EtcdEndpoint endpoint = untried.removeFirst();
        if (tokens.isNeeded()) {
            tokens.fetch(
                    endpoint, left, status -> steps.execute(() -> afterToken(endpoint, status)));
        } else {
            send(endpoint);
        }
    }

    private void afterToken(EtcdEndpoint endpoint, Status status) {
        if (status.isOk()) {
            send(endpoint);
        } else if (EtcdErrors.isDefinite(status)) {
            fail(EtcdErrors.exception("authentication", endpoint, status));
        } else {
            endpoints.failed(endpoint);
            again(EtcdErrors.exception("authentication", endpoint, status));
        }
    }

    private void send(EtcdEndpoint endpoint) {
        long left = leftNanos();
        if (future.isDone() || left <= 0) {
            return;
        }
        Attempt attempt = new Attempt(endpoint);
        underWay.add(attempt);
        attempt.send(left);
        if (repeatable && endpoints.size() > 1) {
            var _ = after(Math.min(left, timeoutNanos / SHARES), () -> giveUpWaiting(attempt));
        }
    }

    private void giveUpWaiting(Attempt attempt) {
        if (!future.isDone() && underWay.contains(attempt)) {
            endpoints.failed(attempt.endpoint);
            attempt();
        }
    }

    private void answered(Attempt attempt, R answer) {
        underWay.remove(attempt);
        future.complete(answer);
        cancelRest();
    }

    private void failed(Attempt attempt, Status status) {
        underWay.remove(attempt);
        if (future.isDone()) {
            return;
        }
        DcsException failure = EtcdErrors.exception(what, attempt.endpoint, status);
        if (EtcdErrors.isStaleToken(status) && tokens.isUsed() && !renewedToken) {
            renewedToken = true;
            tokens.forget(attempt.token);
            untried.addFirst(attempt.endpoint);
            attempt();
        } else if (EtcdErrors.isDefinite(status)) {
            fail(failure);
        } else {
            endpoints.failed(attempt.endpoint);
            if (repeatable || !attempt.left) {
                again(failure);
            } else {
                fail(failure);
            }
        }
    }

    /**
     * Another attempt: at the next server at once, after a pause when all have been tried. Also
     * while a hung server still owes an answer: it may be the one without which the others had no
     * leader.
     */
    private void again(DcsException failure) {
        lastFailure = failure;
        if (!untried.isEmpty()) {
            attempt();
        } else {
            var _ = after(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS), this::attempt);
        }
    }

    private void timeOut() {
        if (future.isDone()) {
            return;
        }
        underWay.forEach(attempt -> endpoints.failed(attempt.endpoint));
        String silent =
                underWay.isEmpty()
                        ? ""
                        : " from "
                                + String.join(
                                        ", ",
                                        underWay.stream()
                                                .map(a -> a.endpoint.address().toString())
                                                .toList());
        DcsException before = lastFailure;
        fail(
                new DcsException(
                        DcsException.Kind.UNKNOWN,
                        what
                                + ": no answer"
                                + silent
                                + " within "
                                + TimeUnit.NANOSECONDS.toMillis(timeoutNanos)
                                + " ms"
                                + (before == null ? "" : "; before that, " + before.getMessage()),
                        before));
    }

    /** Ends the call; from any thread. */
    void fail(DcsException failure) {
        future.completeExceptionally(failure);
        steps.execute(this::cancelRest);
    }

    private void cancelRest() {
        underWay.forEach(Attempt::cancel);
        underWay.clear();
        untried.clear();
    }

    /** The request at one server. */
    private final class Attempt implements StreamObserver<R> {
        private final EtcdEndpoint endpoint;
        private final @Nullable String token = tokens.current();
        private @Nullable ClientCall<Q, R> call;
        private @Nullable R answer;

        /** Whether the request was handed to a connection, and so may have been applied. */
        private volatile boolean left;

        Attempt(EtcdEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        void send(long timeoutNanos) {
            CallOptions options =
                    CallOptions.DEFAULT
                            .withDeadlineAfter(timeoutNanos, TimeUnit.NANOSECONDS)
                            .withStreamTracerFactory(new Departure());
            ClientCall<Q, R> started = tokens.with(endpoint.channel()).newCall(method, options);
            call = started;
            ClientCalls.asyncUnaryCall(started, request, this);
        }

        void cancel() {
            if (call != null) {
                call.cancel("another server answered, or the time is over", null);
            }
        }

        @Override
        public void onNext(R value) {
            answer = value;
        }

        @Override
        public void onError(Throwable failure) {
            steps.execute(() -> failed(this, Status.fromThrowable(failure)));
        }

        @Override
        public void onCompleted() {
            R value = answer;
            steps.execute(
                    () -> {
                        if (value == null) {
                            failed(this, Status.INTERNAL.withDescription("empty answer"));
                        } else {
                            answered(this, value);
                        }
                    });
        }

        private final class Departure extends ClientStreamTracer.Factory {
            @Override
            public ClientStreamTracer newClientStreamTracer(
                    ClientStreamTracer.StreamInfo info, Metadata headers) {
                return new ClientStreamTracer() {
                    @Override
                    public void streamCreated(Attributes transport, Metadata headers) {
                        left = true;
                    }
                };
            }
        }
    }
}
