package io.pgnode.agent.rest;

import io.pgnode.agent.Operations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests off the listener, checks who sends them, and writes the answers.
 *
 * <p>Confined to the listener's event loop, except for {@link #use}. What clients do wrong is
 * logged at debug only: a port scan must not fill a disk.
 */
final class RequestHandler {
    private static final Logger LOG = Logger.getLogger(RequestHandler.class);

    /** A dynamic configuration with hundreds of parameters and HBA lines has some 20 kB. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    /** A body of that size on a bad line. */
    private static final Duration BODY_LIMIT = Duration.ofSeconds(10);

    /** Longer than the interval of any health check, so that keep-alive pays. */
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(75);

    private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(5);

    /** After this the client is told to look for itself; the operation goes on. */
    private static final Duration OPERATION_LIMIT = Duration.ofMinutes(10);

    /** What changes with a reload. */
    private record Policy(RestSettings settings, AccessControl access, String serverHeader) {}

    private final Vertx vertx;
    private final Operations operations;
    private final SafeRoutes safe;
    private final UnsafeRoutes unsafe;
    private final LongSupplier nanos;
    private final Executor blocking;
    private final Connections<HttpConnection> connections =
            new Connections<>(connection -> connection.close());
    private volatile Policy policy;

    RequestHandler(
            Vertx vertx,
            Operations operations,
            SafeRoutes safe,
            UnsafeRoutes unsafe,
            LongSupplier nanos,
            Executor blocking,
            RestSettings settings,
            String version) {
        this.vertx = vertx;
        this.operations = operations;
        this.safe = safe;
        this.unsafe = unsafe;
        this.nanos = nanos;
        this.blocking = blocking;
        this.policy = policy(settings, version, blocking);
    }

    /** Applies to requests from now on. Any thread. */
    void use(RestSettings settings, String version) {
        policy = policy(settings, version, blocking);
    }

    private static Policy policy(RestSettings settings, String version, Executor blocking) {
        String number = version.startsWith("pgnode-") ? version.substring(7) : version;
        String header =
                switch (settings.serverTokens()) {
                    case NONE -> "";
                    case PRODUCT -> "pgnode";
                    case VERSION -> "pgnode/" + number;
                };
        return new Policy(settings, new AccessControl(settings, blocking), header);
    }

    /** Must be called on the event loop that the server will listen on; returns the sweeper. */
    long attach(HttpServer server) {
        server.connectionHandler(this::onConnection);
        server.exceptionHandler(RequestHandler::debug);
        server.requestHandler(this::onRequest);
        return vertx.setPeriodic(
                SWEEP_INTERVAL.toMillis(),
                timer -> connections.closeIdle(nanos.getAsLong(), IDLE_LIMIT.toNanos()));
    }

    private void onConnection(HttpConnection connection) {
        connection.exceptionHandler(RequestHandler::debug);
        if (!connections.opened(connection, nanos.getAsLong())) {
            LOG.debugf("rest connection refused: %d are open", connections.size());
            connection.close();
            return;
        }
        connection.closeHandler(closed -> connections.closed(connection));
    }

    private void onRequest(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        HttpServerResponse response = request.response();
        connections.requestStarted(connection);
        request.exceptionHandler(RequestHandler::debug);
        response.exceptionHandler(RequestHandler::debug);
        response.endHandler(ended -> connections.requestEnded(connection, nanos.getAsLong()));
        try {
            dispatch(request);
        } catch (RuntimeException e) {
            fail(request, Target.parse(request.uri()), e);
        }
    }

    private void dispatch(HttpServerRequest request) {
        String method = request.method().name();
        Target target = Target.parse(request.uri());
        switch (method) {
            case "GET", "HEAD", "OPTIONS" ->
                    respond(
                            request,
                            safe.answer(
                                    target,
                                    new NodeStatus(operations.snapshot(), nanos.getAsLong())));
            default -> {
                if (UnsafeRoutes.knows(method, target)) {
                    admit(request, method, target);
                } else {
                    respond(request, Answer.unsupported(method));
                }
            }
        }
    }

    /** Checks the sender before the body is read. */
    private void admit(HttpServerRequest request, String method, Target target) {
        InetAddress client = address(request.remoteAddress());
        if (client == null) {
            respond(request, Answer.text(403, "Access is denied"));
            return;
        }
        request.pause();
        CompletableFuture<@Nullable Answer> check =
                policy.access()
                        .check(
                                client,
                                hasCertificate(request),
                                request.getHeader("Authorization"),
                                operations.snapshot().view());
        Future.fromCompletionStage(check, vertx.getOrCreateContext())
                .onFailure(failure -> fail(request, target, failure))
                .onSuccess(
                        refusal -> {
                            if (refusal == null) {
                                readBody(request, method, target);
                            } else {
                                respond(request, refusal);
                                request.resume();
                            }
                        });
    }

    private void readBody(HttpServerRequest request, String method, Target target) {
        Buffer body = Buffer.buffer();
        long timer =
                vertx.setTimer(
                        BODY_LIMIT.toMillis(),
                        late -> refuse(request, 408, "the request body did not arrive in time"));
        request.response().closeHandler(closed -> vertx.cancelTimer(timer));
        request.handler(
                chunk -> {
                    if (body.length() + chunk.length() > MAX_BODY_BYTES) {
                        vertx.cancelTimer(timer);
                        refuse(
                                request,
                                413,
                                "the request body is larger than " + MAX_BODY_BYTES / 1024 + " kB");
                    } else {
                        body.appendBuffer(chunk);
                    }
                });
        request.endHandler(
                end -> {
                    vertx.cancelTimer(timer);
                    if (!request.response().ended()) {
                        perform(request, method, target, body.toString());
                    }
                });
        request.resume();
    }

    private void perform(HttpServerRequest request, String method, Target target, String body) {
        CompletableFuture<Answer> answer =
                unsafe.answer(method, target, body)
                        .copy()
                        .completeOnTimeout(
                                Answer.text(
                                        503,
                                        "not done after "
                                                + OPERATION_LIMIT.toMinutes()
                                                + " minutes; it goes on, see GET /patroni"),
                                OPERATION_LIMIT.toMillis(),
                                TimeUnit.MILLISECONDS);
        Future.fromCompletionStage(answer, vertx.getOrCreateContext())
                .onSuccess(result -> respond(request, result))
                .onFailure(failure -> fail(request, target, failure));
    }

    private void fail(HttpServerRequest request, Target target, Throwable failure) {
        LOG.errorf(failure, "rest request failed path=%s", target.path());
        respond(request, Answer.text(500, "internal error, see the log of the agent"));
    }

    /** Answers and hangs up, because the rest of the request is not wanted. */
    private void refuse(HttpServerRequest request, int status, String text) {
        HttpServerResponse response = request.response();
        if (!response.ended() && !response.closed()) {
            response.endHandler(
                    ended -> {
                        connections.requestEnded(request.connection(), nanos.getAsLong());
                        request.connection().close();
                    });
            respond(request, Answer.text(status, text).with("Connection", "close"));
        }
    }

    private void respond(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        Policy now = policy;
        response.setStatusCode(answer.status());
        now.settings().extraHeaders().forEach(response::putHeader);
        if (!now.serverHeader().isEmpty()) {
            response.putHeader("Server", now.serverHeader());
        }
        answer.headers().forEach(response::putHeader);
        if (!answer.contentType().isEmpty()) {
            response.putHeader("Content-Type", answer.contentType());
        }
        Buffer body = Buffer.buffer(answer.body());
        boolean hasNoBody = request.method().equals(HttpMethod.OPTIONS);
        response.putHeader("Content-Length", hasNoBody ? "0" : "" + body.length());
        if (hasNoBody || request.method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(body);
        }
    }

    private static boolean hasCertificate(HttpServerRequest request) {
        if (!request.isSSL()) {
            return false;
        }
        try {
            return request.sslSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    private static @Nullable InetAddress address(@Nullable SocketAddress remote) {
        String host = remote == null ? null : remote.hostAddress();
        return host == null ? null : InetAddress.ofLiteral(host);
    }

    private static void debug(Throwable cause) {
        LOG.debugf("rest connection failed: %s", cause.toString());
    }
}
