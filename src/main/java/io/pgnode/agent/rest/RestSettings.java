package io.pgnode.agent.rest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the REST server.
 *
 * @param listenHost address to listen on; {@code *} or {@code 0.0.0.0} for all
 * @param listenPort 0 picks a free one
 * @param credentials asked for by unsafe methods; null for none
 * @param tls null for plain HTTP
 * @param allowlist networks whose clients may use unsafe methods; empty for all
 * @param allowlistIncludeMembers members of the cluster may use unsafe methods too; makes the
 *     allowlist count even when it is empty
 * @param serverTokens what the Server header tells
 * @param extraHeaders added to every response
 */
public record RestSettings(
        String listenHost,
        int listenPort,
        @Nullable Credentials credentials,
        @Nullable Tls tls,
        List<Cidr> allowlist,
        boolean allowlistIncludeMembers,
        ServerTokens serverTokens,
        Map<String, String> extraHeaders) {
    public RestSettings {
        if (listenPort < 0 || listenPort > 65535) {
            throw new IllegalArgumentException("port must be 0..65535, was " + listenPort);
        }
        listenHost = listenHost.equals("*") ? "0.0.0.0" : listenHost;
        allowlist = List.copyOf(allowlist);
        extraHeaders = Map.copyOf(extraHeaders);
    }

    /**
     * These settings with what a reload may change taken from {@code newer}: who may change
     * something, and headers. Where to listen, and whether with TLS, stays, because the other
     * members know our address.
     */
    public RestSettings reloaded(RestSettings newer) {
        return new RestSettings(
                listenHost,
                listenPort,
                newer.credentials,
                tls,
                newer.allowlist,
                newer.allowlistIncludeMembers,
                newer.serverTokens,
                newer.extraHeaders);
    }

    /** Plain HTTP, open to everybody. */
    public static RestSettings plain(String listenHost, int listenPort) {
        return new RestSettings(
                listenHost,
                listenPort,
                null,
                null,
                List.of(),
                false,
                ServerTokens.VERSION,
                Map.of());
    }

    /**
     * @param certificateFile PEM, the server's certificate and its intermediates
     * @param keyFile PEM, not encrypted
     * @param caFile PEM, who signs client certificates; empty for none
     */
    public record Tls(
            String certificateFile, String keyFile, String caFile, VerifyClient verifyClient) {
        public Tls {
            if (verifyClient != VerifyClient.NONE && caFile.isEmpty()) {
                throw new IllegalArgumentException(
                        "verifying client certificates needs a certificate authority file");
            }
        }
    }

    /** Who must show a certificate. */
    public enum VerifyClient {
        /** Nobody. */
        NONE,
        /** Clients that use unsafe methods; others may. */
        OPTIONAL,
        /** Every client: the handshake fails without one. */
        REQUIRED
    }

    /** The Server header. */
    public enum ServerTokens {
        /** No header. */
        NONE,
        /** {@code pgnode}. */
        PRODUCT,
        /** {@code pgnode/0.1.0}. */
        VERSION
    }
}
