package io.pgnode.agent.rest;

import io.pgnode.agent.rest.RestSettings.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.PemKeyCertOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Connects to our own listener as a load balancer would. */
final class SelfTest {
    private SelfTest() {}

    /** Any HTTP status is good, and so is a refused certificate: somebody serves the port. */
    static CompletableFuture<Boolean> run(
            Vertx vertx, RestSettings settings, int port, Duration limit) {
        HttpClient client = vertx.createHttpClient(options(settings, port, limit));
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        client.request(HttpMethod.GET, "/liveness")
                .compose(request -> request.send())
                .onSuccess(response -> result.complete(true))
                .onFailure(cause -> result.complete(isTlsRefusal(cause)));
        return result.completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((answered, failure) -> client.close());
    }

    private static HttpClientOptions options(RestSettings settings, int port, Duration limit) {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setDefaultHost(reachable(settings.listenHost()))
                        .setDefaultPort(port)
                        .setConnectTimeout((int) limit.toMillis())
                        .setKeepAlive(false);
        Tls tls = settings.tls();
        if (tls != null) {
            options.setSsl(true)
                    .setTrustAll(true) // it is ourselves, and nothing secret is sent
                    .setVerifyHost(false)
                    .setKeyCertOptions(
                            new PemKeyCertOptions()
                                    .setCertPath(tls.certificateFile())
                                    .setKeyPath(tls.keyFile()));
        }
        return options;
    }

    private static String reachable(String listenHost) {
        return switch (listenHost) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> listenHost;
        };
    }

    private static boolean isTlsRefusal(Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof SSLException) {
                return true;
            }
        }
        return false;
    }
}
