package io.pgnode.agent.rest;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One request and its answer. Runs once. */
final class Exchange {
    /** The documents of a cluster with a thousand members stay below. */
    private static final int MAX_ANSWER_BYTES = 1024 * 1024;

    /** Every kept connection to a restarted member may be stale. */
    private static final int MAX_ATTEMPTS = 5;

    private final HttpClient client;
    private final RequestOptions options;
    private final String body;
    private final CompletableFuture<RestAnswer> result = new CompletableFuture<>();
    private final boolean isRepeatable;

    /** A failure is told several ways; only the first one of the current attempt counts. */
    private final AtomicInteger attempts = new AtomicInteger();

    private volatile @Nullable HttpClientRequest current;

    /**
     * @param isRepeatable a kept connection that turns out to be closed is replaced and the request
     *     sent again
     */
    Exchange(HttpClient client, RequestOptions options, String body, boolean isRepeatable) {
        this.client = client;
        this.options = options;
        this.body = body;
        this.isRepeatable = isRepeatable;
    }

    CompletableFuture<RestAnswer> run(Duration timeout) {
        attempt();
        return result.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete(
                        (answer, failure) -> {
                            HttpClientRequest request = current;
                            if (failure != null && request != null) {
                                request.reset(); // closes the connection, it is of no use now
                            }
                        });
    }

    private void attempt() {
        int number = attempts.incrementAndGet();
        client.request(options)
                .onSuccess(request -> send(number, request))
                .onFailure(cause -> failed(number, cause));
    }

    private void send(int number, HttpClientRequest request) {
        if (result.isDone()) {
            request.reset();
            return;
        }
        current = request;
        request.exceptionHandler(cause -> failed(number, cause));
        request.response()
                .onSuccess(response -> read(number, response))
                .onFailure(cause -> failed(number, cause));
        if (body.isEmpty()) {
            request.end();
        } else {
            request.end(body);
        }
    }

    private void read(int number, HttpClientResponse response) {
        Buffer text = Buffer.buffer();
        response.exceptionHandler(cause -> failed(number, cause));
        response.handler(
                chunk -> {
                    if (text.length() + chunk.length() > MAX_ANSWER_BYTES) {
                        result.completeExceptionally(
                                new IOException("the answer is larger than 1 MB"));
                    } else {
                        text.appendBuffer(chunk);
                    }
                });
        response.endHandler(
                end -> {
                    Map<String, String> headers = new TreeMap<>();
                    response.headers()
                            .forEach(
                                    (name, value) ->
                                            headers.putIfAbsent(
                                                    name.toLowerCase(Locale.ROOT), value));
                    result.complete(
                            new RestAnswer(response.statusCode(), text.toString(), headers));
                });
    }

    private void failed(int number, Throwable cause) {
        if (number != attempts.get()) {
            return;
        }
        boolean mayRepeat = isRepeatable && number < MAX_ATTEMPTS;
        if (mayRepeat && cause instanceof HttpClosedException) {
            attempt();
        } else {
            result.completeExceptionally(cause);
        }
    }
}
