package io.pgnode.gateway.stats;

import org.jspecify.annotations.Nullable;

/**
 * How the statistics are served.
 *
 * @param host such as {@code 0.0.0.0}; {@code port} zero for any
 * @param admin who may act; null for nobody
 * @param reader who may only look, besides the admin; null when everybody may look
 * @param refreshSeconds how often the page loads itself again; zero for never
 */
public record StatsSettings(
        String host, int port, @Nullable Login admin, @Nullable Login reader, int refreshSeconds) {

    /** A name with its password. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user + ":***";
        }
    }
}
