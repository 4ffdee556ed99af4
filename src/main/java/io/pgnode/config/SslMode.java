package io.pgnode.config;

import java.util.Locale;

/** libpq's sslmode. */
public enum SslMode {
    DISABLE,
    ALLOW,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    /** libpq's spelling. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
