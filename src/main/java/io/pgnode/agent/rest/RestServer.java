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
import java.util.function.Supplier;
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

    /** Somebody may hold the old port for a moment, as the local end of a connection. */
    private static final int RESTORE_ATTEMPTS = 10;

    private static final Duration RESTORE_PAUSE = Duration.ofMillis(300);

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
        this(vertx, settings, operations, version, counters, () -> null, nanos, clock, blocking);
    }

    /**
     * As the other one.
     *
     * @param backups what is known of backups, at once; null where there is no repository
     */
    public RestServer(
            Vertx vertx,
            RestSettings settings,
            Operations operations,
            String version,
            MetricSource counters,
            Supplier<@Nullable BackupStatus> backups,
            LongSupplier nanos,
            InstantSource clock,
            Executor blocking) {
        this.vertx = vertx;
        this.settings = settings;
        this.version = version;
        JsonText json = new JsonText();
        SafeRoutes safe =
                new SafeRoutes(
                        new PatroniJson(version, json),
                        new BackupDocument(json, clock),
                        json,
                        counters,
                        backups);
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
        return open(wanted)
                .thenApply(
                        opened -> {
                            listener = opened;
                            return new HostPort(wanted.listenHost(), opened.server().actualPort());
                        });
    }

    private CompletableFuture<Listener> open(RestSettings wanted) {
        CompletableFuture<Listener> result = new CompletableFuture<>();
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

    private void listen(RestSettings wanted, CompletableFuture<Listener> result) {
        HttpServer server = vertx.createHttpServer(ListenOptions.of(wanted));
        long sweeper = handler.attach(server);
        server.listen()
                .onSuccess(listening -> result.complete(new Listener(listening, sweeper)))
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
     * closing connections. Another port is opened before the old one is closed. Another address on
     * the same port, or a change between plain HTTP and TLS, has to close first; when the new
     * listener fails, the old one is opened again. In every case of failure the old settings stay
     * and the future fails.
     */
    public CompletableFuture<Void> reload(RestSettings wanted) {
        RestSettings before = settings;
        Listener old = listener;
        boolean isSamePort = before.listenPort() == wanted.listenPort();
        boolean isSameListener =
                isSamePort
                        && before.listenHost().equals(wanted.listenHost())
                        && (before.tls() == null) == (wanted.tls() == null);
        if (old == null || isSameListener) {
            return renewCertificates(old, wanted).thenAccept(renewed -> adopt(wanted));
        }
        if (!isSamePort) {
            return open(wanted)
                    .thenCompose(
                            opened -> {
                                adopt(wanted);
                                listener = opened;
                                return close(old);
                            });
        }
        listener = null;
        return close(old)
                .thenCompose(
                        closed -> {
                            adopt(wanted);
                            return start();
                        })
                .handle((address, failure) -> failure)
                .thenCompose(
                        failure ->
                                failure == null
                                        ? done()
                                        : restore(before, failure, RESTORE_ATTEMPTS));
    }

    private void adopt(RestSettings wanted) {
        settings = wanted;
        handler.use(wanted, version);
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

    /** Always fails with {@code failure}, after the old listener is back or all tries are used. */
    private CompletableFuture<Void> restore(RestSettings before, Throwable failure, int attempts) {
        adopt(before);
        return start().handle((address, again) -> again == null || attempts <= 1)
                .thenCompose(
                        ended ->
                                ended
                                        ? CompletableFuture.failedFuture(cause(failure))
                                        : afterPause()
                                                .thenCompose(
                                                        paused ->
                                                                restore(
                                                                        before,
                                                                        failure,
                                                                        attempts - 1)));
    }

    private CompletableFuture<Void> afterPause() {
        CompletableFuture<Void> paused = new CompletableFuture<>();
        vertx.setTimer(RESTORE_PAUSE.toMillis(), timer -> paused.complete(null));
        return paused;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
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
        return listening == null ? done() : close(listening);
    }

    private CompletableFuture<Void> close(Listener listening) {
        vertx.cancelTimer(listening.sweeper());
        Future<Void> closing = listening.server().close();
        return closing.toCompletionStage().toCompletableFuture();
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
