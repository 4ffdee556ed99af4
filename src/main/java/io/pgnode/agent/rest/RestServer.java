package io.pgnode.agent.rest;

import io.pgnode.agent.Operations;
import io.pgnode.metrics.MetricSource;
import io.pgnode.model.HostPort;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The REST API on its port.
 *
 * <p>Runs on one event loop of the given Vert.x. Health checks and documents are answered on that
 * loop from the snapshot; requests that change something wait for {@link Operations} without
 * holding a thread. Thread-safe; {@link #start}, {@link #reload} and {@link #close} must not
 * overlap.
 */
public final class RestServer {
    /** A self-test that takes longer has found a listener that does not accept. */
    private static final Duration SELF_TEST_LIMIT = Duration.ofSeconds(2);

    private record Listener(HttpServer server, long sweeper) {}

    private final Vertx vertx;
    private final String version;
    private final RequestHandler handler;
    private volatile RestSettings settings;
    private volatile @Nullable Listener listener;

    /**
     * @param version the agent's, such as {@code pgnode-0.1.0}
     * @param counters what the agent counts, printed by {@code /metrics} after Patroni's metrics
     * @param nanos the agent's boot-time clock, which its lease counts on
     * @param clock wall clock, to refuse schedules in the past
     * @param blocking for name lookups: virtual threads
     */
    public RestServer(
            Vertx vertx,
            RestSettings settings,
            Operations operations,
            String version,
            MetricSource counters,
            LongSupplier nanos,
            InstantSource clock,
            Executor blocking) {
        this.vertx = vertx;
        this.settings = settings;
        this.version = version;
        JsonText json = new JsonText();
        SafeRoutes safe = new SafeRoutes(new PatroniJson(version, json), json, counters);
        UnsafeRoutes unsafe = new UnsafeRoutes(operations, json, clock);
        handler =
                new RequestHandler(
                        vertx, operations, safe, unsafe, nanos, blocking, settings, version);
    }

    /**
     * Listens. Completes with the address in use; fails with {@link RestListenException} when the
     * port is taken or a certificate cannot be read.
     */
    public CompletableFuture<HostPort> start() {
        RestSettings wanted = settings;
        CompletableFuture<HostPort> result = new CompletableFuture<>();
        Context loop = vertx.getOrCreateContext();
        loop.runOnContext(
                now -> {
                    try {
                        listen(wanted, result);
                    } catch (RuntimeException e) {
                        result.completeExceptionally(explain(wanted, e));
                    }
                });
        return result;
    }

    private void listen(RestSettings wanted, CompletableFuture<HostPort> result) {
        HttpServer server = vertx.createHttpServer(ListenOptions.of(wanted));
        long sweeper = handler.attach(server);
        server.listen()
                .onSuccess(
                        listening -> {
                            listener = new Listener(listening, sweeper);
                            result.complete(
                                    new HostPort(wanted.listenHost(), listening.actualPort()));
                        })
                .onFailure(
                        cause -> {
                            vertx.cancelTimer(sweeper);
                            result.completeExceptionally(explain(wanted, cause));
                        });
    }

    private static RestListenException explain(RestSettings wanted, Throwable cause) {
        return RestListenException.explain(wanted.listenHost(), wanted.listenPort(), cause);
    }

    /**
     * Applies new settings: password, allowlist, headers and certificates at once and without
     * closing connections. Another address, or a change between plain HTTP and TLS, closes the
     * listener and opens the new one; when that fails, the old settings are restored and the future
     * fails.
     */
    public CompletableFuture<Void> reload(RestSettings wanted) {
        RestSettings before = settings;
        Listener old = listener;
        boolean isSameListener =
                before.listenHost().equals(wanted.listenHost())
                        && before.listenPort() == wanted.listenPort()
                        && (before.tls() == null) == (wanted.tls() == null);
        if (old == null || isSameListener) {
            return renewCertificates(old, wanted)
                    .thenAccept(
                            renewed -> {
                                settings = wanted;
                                handler.use(wanted, version);
                            });
        }
        return close().thenCompose(
                        closed -> {
                            settings = wanted;
                            handler.use(wanted, version);
                            return start();
                        })
                .handle((address, failure) -> failure)
                .thenCompose(failure -> failure == null ? done() : restore(before, failure));
    }

    private CompletableFuture<Void> renewCertificates(@Nullable Listener old, RestSettings wanted) {
        if (old == null || wanted.tls() == null) {
            return done();
        }
        CompletableFuture<Void> result = new CompletableFuture<>();
        old.server()
                .updateSSLOptions(ListenOptions.of(wanted).getSslOptions(), true)
                .onSuccess(renewed -> result.complete(null))
                .onFailure(cause -> result.completeExceptionally(explain(wanted, cause)));
        return result;
    }

    private CompletableFuture<Void> restore(RestSettings before, Throwable failure) {
        settings = before;
        handler.use(before, version);
        return start().handle((address, again) -> null)
                .thenCompose(
                        tried ->
                                CompletableFuture.failedFuture(
                                        failure instanceof CompletionException wrapped
                                                        && wrapped.getCause() != null
                                                ? wrapped.getCause()
                                                : failure));
    }

    /** Asks itself for {@code /liveness}: true when the listener accepts and anything answers. */
    public CompletableFuture<Boolean> selfTest() {
        Listener listening = listener;
        return listening == null
                ? CompletableFuture.completedFuture(false)
                : SelfTest.run(vertx, settings, listening.server().actualPort(), SELF_TEST_LIMIT);
    }

    /** Stops listening and closes all connections. */
    public CompletableFuture<Void> close() {
        Listener listening = listener;
        listener = null;
        if (listening == null) {
            return done();
        }
        vertx.cancelTimer(listening.sweeper());
        Future<Void> closing = listening.server().close();
        return closing.toCompletionStage().toCompletableFuture();
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
