package io.pgnode.agent.rest;

import org.jspecify.annotations.Nullable;

/**
 * How to reach the REST APIs of members.
 *
 * @param credentials sent with unsafe methods; null for none
 * @param caFile PEM, who signs the servers' certificates; empty for the system's authorities
 * @param certificateFile PEM, shown when a server asks for one; empty for none
 * @param keyFile PEM, its key
 * @param insecure accept any server certificate
 */
public record RestClientSettings(
        @Nullable Credentials credentials,
        String caFile,
        String certificateFile,
        String keyFile,
        boolean insecure) {
    public static final RestClientSettings PLAIN = new RestClientSettings(null, "", "", "", false);

    /** These settings with the credentials of {@code newer}; TLS stays. */
    public RestClientSettings reloaded(RestClientSettings newer) {
        return new RestClientSettings(
                newer.credentials, caFile, certificateFile, keyFile, insecure);
    }

    public RestClientSettings {
        if (certificateFile.isEmpty() != keyFile.isEmpty()) {
            throw new IllegalArgumentException(
                    "a client certificate needs both a certificate file and a key file");
        }
    }
}
