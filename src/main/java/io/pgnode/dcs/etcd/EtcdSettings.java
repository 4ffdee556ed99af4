package io.pgnode.dcs.etcd;

import io.pgnode.model.HostPort;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an etcd cluster.
 *
 * @param endpoints client addresses, at least one; the first is asked first
 * @param user null for no authentication
 * @param password null for none; never printed
 * @param tls null for plain TCP
 */
public record EtcdSettings(
        List<HostPort> endpoints,
        @Nullable String user,
        @Nullable String password,
        @Nullable Tls tls) {
    /**
     * PEM files.
     *
     * @param authorities certificates of the authorities that may sign the servers'; null for the
     *     platform's
     * @param certificate our certificate with its chain; null to show none
     * @param key its private key (PKCS 8); null to show none
     */
    public record Tls(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
        public Tls {
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException(
                        "a client certificate needs both its certificate and its key, was "
                                + certificate
                                + " and "
                                + key);
            }
        }
    }

    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("etcd needs at least one endpoint");
        }
    }

    /** Plain TCP without authentication. */
    public static EtcdSettings plain(HostPort... endpoints) {
        return new EtcdSettings(List.of(endpoints), null, null, null);
    }

    @Override
    public String toString() {
        return "EtcdSettings[endpoints="
                + endpoints
                + ", user="
                + user
                + (password == null ? "" : ", password=***")
                + ", tls="
                + tls
                + "]";
    }
}
