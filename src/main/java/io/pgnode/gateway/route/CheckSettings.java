package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.CheckTimes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a static list of members is checked.
 *
 * @param method {@code OPTIONS}, {@code GET} or {@code HEAD}
 * @param tls null when the REST APIs speak plain HTTP
 */
public record CheckSettings(CheckTimes times, String method, @Nullable Tls tls) {
    public static final CheckSettings DEFAULT =
            new CheckSettings(CheckTimes.DEFAULT, "OPTIONS", null);

    /**
     * @param isVerified a member's certificate must be valid, and be for its name
     * @param authorities who may have signed it, in a PEM file; null for those of the system
     */
    public record Tls(boolean isVerified, @Nullable Path authorities) {}
}
