package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.CheckTimes;
import io.pgnode.net.TlsContext;
import io.pgnode.net.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a static list of members is checked.
 *
 * @param method {@code OPTIONS}, {@code GET} or {@code HEAD}
 * @param tls null when the REST APIs speak plain HTTP
 */
public record CheckSettings(CheckTimes times, String method, @Nullable Tls tls) {
    private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

    public static final CheckSettings DEFAULT =
            new CheckSettings(CheckTimes.DEFAULT, "OPTIONS", null);

    /**
     * Reads the file with the authorities.
     *
     * @throws IOException naming what is wrong with it
     */
    public void verify() throws IOException {
        Tls used = tls;
        Path file = used == null ? null : used.authorities();
        if (file != null) {
            TlsContext.read(new TlsFiles(null, null, file, PROTOCOLS, List.of()));
        }
    }

    /**
     * @param isVerified a member's certificate must be valid, and be for its name
     * @param authorities who may have signed it, in a PEM file; null for those of the system
     */
    public record Tls(boolean isVerified, @Nullable Path authorities) {}
}
