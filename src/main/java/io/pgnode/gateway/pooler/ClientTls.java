package io.pgnode.gateway.pooler;

import io.pgnode.net.TlsContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * TLS of clients; never on unix sockets.
 *
 * @param context null when there is no TLS at all
 * @param isRequired whether logins without it are refused
 */
record ClientTls(
        @Nullable TlsContext context,
        boolean isRequired,
        TlsContext.ClientCertificate certificate) {
    static final ClientTls NONE = new ClientTls(null, false, TlsContext.ClientCertificate.NONE);

    @Nullable SSLEngine engine() {
        return context == null ? null : context.accepting(certificate);
    }
}
