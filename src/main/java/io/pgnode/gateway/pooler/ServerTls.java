package io.pgnode.gateway.pooler;

import io.pgnode.net.TlsContext;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards servers; never on unix sockets.
 *
 * @param context null when there is no TLS at all
 */
record ServerTls(Mode mode, @Nullable TlsContext context) {
    /** As {@code server_tls_sslmode} says. */
    enum Mode {
        OFF,
        /** When the server has it. */
        PREFERRED,
        REQUIRED,
        /** And the server's certificate must lead to an authority of ours. */
        VERIFIED,
        /** And be for the host that we meant. */
        VERIFIED_FOR_HOST
    }

    static final ServerTls NONE = new ServerTls(Mode.OFF, null);

    static Mode mode(String word) {
        return switch (word) {
            case "prefer" -> Mode.PREFERRED;
            case "require" -> Mode.REQUIRED;
            case "verify-ca" -> Mode.VERIFIED;
            case "verify-full" -> Mode.VERIFIED_FOR_HOST;
            // "allow" would mean to try without first, which always does.
            default -> Mode.OFF;
        };
    }
}
