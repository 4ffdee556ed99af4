package io.pgnode.gateway.route.core;

import java.util.Locale;

/** What a service does with a client's bytes. */
public enum ServiceMode {
    /** Clients log in here and lease a server connection. */
    POOLED,
    /** Bytes are passed on as they are: one server connection for each client connection. */
    TCP;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
