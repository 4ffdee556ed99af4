package io.pgnode.agent.rest;

import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.MemberName;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks the REST APIs of members, ours or Patroni's. Connections are kept for the next request.
 *
 * <p>Every call ends at its timeout, which covers name lookup, connecting and the whole answer
 * together. Thread-safe; futures complete on threads of Vert.x or a timer's, so do not block in
 * them.
 */
public final class PeerClient implements AutoCloseable {
    /** How long a leader without a DCS may count on a member, in milliseconds. */
    public static final String PROMISE_HEADER = "promise-ms";

    private static final Logger LOG = Logger.getLogger(PeerClient.class);

    /** As many as one member asks of another at the same time, and an operator. */
    private static final int CONNECTIONS_PER_MEMBER = 4;

    /** Below the server's own limit, so that we close first. */
    private static final int KEEP_ALIVE_SECONDS = 60;

    private final HttpClient client;
    private volatile RestClientSettings settings;
    private final JsonText json = new JsonText();

    public PeerClient(Vertx vertx, RestClientSettings settings) {
        this.client = vertx.createHttpClient(options(settings));
        this.settings = settings;
    }

    /** Takes over new credentials, for requests from now on. Any thread. */
    public void reload(RestClientSettings newer) {
        settings = settings.reloaded(newer);
    }

    private static HttpClientOptions options(RestClientSettings settings) {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setMaxPoolSize(CONNECTIONS_PER_MEMBER)
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setTcpNoDelay(true)
                        .setTrustAll(settings.insecure())
                        .setVerifyHost(!settings.insecure());
        if (!settings.caFile().isEmpty()) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(settings.caFile()));
        }
        if (!settings.certificateFile().isEmpty()) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions()
                            .setCertPath(settings.certificateFile())
                            .setKeyPath(settings.keyFile()));
        }
        return options;
    }

    /**
     * What a member says of itself, before a leader race. Never fails: no answer, a late one or
     * somebody else's is {@link PeerAnswer#unreachable}. A refused connection answers at once.
     *
     * @param apiUrl as in the member key, such as {@code http://10.0.0.1:8008/patroni}
     */
    public CompletableFuture<PeerAnswer> status(MemberName name, String apiUrl, Duration timeout) {
        return exchange("GET", apiUrl, "/patroni", null, timeout, true)
                .handle(
                        (answer, failure) -> {
                            if (failure == null && answer.status() == 200) {
                                return PeerStatus.parse(name, answer.text(), json);
                            }
                            LOG.debugf(
                                    "peer gave no status member=%s: %s",
                                    name, failure == null ? answer.status() : failure.getMessage());
                            return PeerAnswer.unreachable(name);
                        });
    }

    /**
     * Asks a member to agree that we lead on without a DCS. Status 200 is yes; its position is in
     * the header {@code lsn}, and in {@link #PROMISE_HEADER} for how many milliseconds. Fails with
     * {@link RestClientException}.
     *
     * @param body object with {@code name}, {@code conn_url}, {@code api_url} and {@code slots}
     */
    public CompletableFuture<RestAnswer> failsafe(String apiUrl, Duration timeout, String body) {
        return exchange("POST", apiUrl, "/failsafe", body, timeout, true);
    }

    /**
     * Lets clients of a member's gateway wait. Status 200 is yes, 503 says why not, such as that
     * there is no gateway. Fails with {@link RestClientException}.
     */
    public CompletableFuture<RestAnswer> hold(
            String apiUrl, Duration timeout, HoldRequest request) {
        return exchange(
                "POST", apiUrl, "/hold", json.print(HoldForm.write(request, json)), timeout, true);
    }

    /** Ends such a hold. */
    public CompletableFuture<RestAnswer> release(
            String apiUrl, Duration timeout, String owner, HoldScope scope) {
        return exchange(
                "POST",
                apiUrl,
                "/release",
                json.print(HoldForm.writeRelease(owner, scope, json)),
                timeout,
                true);
    }

    /**
     * Any request, for the command line. Completes with any status; fails with {@link
     * RestClientException} when there is no answer, in which case a request that is not GET may or
     * may not have been carried out.
     *
     * @param path such as {@code /switchover}; replaces the path of {@code apiUrl}
     * @param body JSON; null for none
     */
    public CompletableFuture<RestAnswer> send(
            String method, String apiUrl, String path, @Nullable String body, Duration timeout) {
        return exchange(method, apiUrl, path, body, timeout, method.equals("GET"));
    }

    private CompletableFuture<RestAnswer> exchange(
            String method,
            String apiUrl,
            String path,
            @Nullable String body,
            Duration timeout,
            boolean isRepeatable) {
        RequestOptions options;
        String where;
        try {
            URI base = URI.create(apiUrl);
            options = target(base, timeout);
            where = base.getScheme() + "://" + base.getAuthority();
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new RestClientException(
                            "REST API address must look like http://10.0.0.1:8008, was \""
                                    + apiUrl
                                    + "\"",
                            e));
        }
        options.setMethod(HttpMethod.valueOf(method)).setURI(path);
        Credentials credentials = settings.credentials();
        if (credentials != null && !method.equals("GET")) {
            options.putHeader("Authorization", credentials.header());
        }
        if (body != null) {
            options.putHeader("Content-Type", "application/json");
        }
        return new Exchange(client, options, body == null ? "" : body, isRepeatable)
                .run(timeout)
                .exceptionallyCompose(
                        failure ->
                                CompletableFuture.failedFuture(
                                        RestClientException.explain(where, timeout, failure)));
    }

    private static RequestOptions target(URI base, Duration timeout) {
        String scheme = base.getScheme();
        String host = base.getHost();
        boolean isTls = "https".equals(scheme);
        if (host == null || !isTls && !"http".equals(scheme)) {
            throw new IllegalArgumentException("no http or https host in " + base);
        }
        String plainHost = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new RequestOptions()
                .setSsl(isTls)
                .setHost(plainHost)
                .setPort(base.getPort() > 0 ? base.getPort() : isTls ? 443 : 80)
                .setConnectTimeout(timeout.toMillis());
    }

    /** Closes the kept connections. */
    @Override
    public void close() {
        client.close();
    }
}
