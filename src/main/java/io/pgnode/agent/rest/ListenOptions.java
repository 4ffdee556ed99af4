package io.pgnode.agent.rest;

import io.pgnode.agent.rest.RestSettings.Tls;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.concurrent.TimeUnit;

/** The listener's options, each limit with its reason. */
final class ListenOptions {
    /** Paths and queries of health checks are short. */
    private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;

    /** Room for cookies and proxy headers of a browser behind a company proxy. */
    private static final int MAX_HEADER_BYTES = 16 * 1024;

    /** Connections of all load balancers may arrive at once after a network cut. */
    private static final int ACCEPT_BACKLOG = 1024;

    private ListenOptions() {}

    static HttpServerOptions of(RestSettings settings) {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(settings.listenHost())
                        .setPort(settings.listenPort())
                        .setAcceptBacklog(ACCEPT_BACKLOG)
                        .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setHandle100ContinueAutomatically(true)
                        .setHttp2ClearTextEnabled(false)
                        .setUseAlpn(false)
                        .setReuseAddress(true)
                        .setTcpNoDelay(true);
        Tls tls = settings.tls();
        if (tls != null) {
            secure(options, tls);
        }
        return options;
    }

    private static void secure(HttpServerOptions options, Tls tls) {
        options.setSsl(true)
                .setSslHandshakeTimeout(10)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setKeyCertOptions(
                        new PemKeyCertOptions()
                                .setCertPath(tls.certificateFile())
                                .setKeyPath(tls.keyFile()));
        if (!tls.caFile().isEmpty()) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(tls.caFile()));
        }
        options.setClientAuth(
                switch (tls.verifyClient()) {
                    case NONE -> ClientAuth.NONE;
                    case OPTIONAL -> ClientAuth.REQUEST;
                    case REQUIRED -> ClientAuth.REQUIRED;
                });
    }
}
