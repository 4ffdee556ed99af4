package io.pgnode.gateway.pooler.hba;

import java.util.Optional;

/** How a login is proved. */
public enum HbaMethod {
    TRUST,
    REJECT,
    /** By the stored secret: SCRAM when that is one, else md5. */
    MD5,
    SCRAM,
    /** A clear-text password, checked against any kind of stored secret. */
    PASSWORD,
    CERT,
    PEER;

    static Optional<HbaMethod> of(String word) {
        return switch (word) {
            case "trust" -> Optional.of(TRUST);
            case "reject" -> Optional.of(REJECT);
            case "md5" -> Optional.of(MD5);
            case "scram-sha-256" -> Optional.of(SCRAM);
            case "password", "plain" -> Optional.of(PASSWORD);
            case "cert" -> Optional.of(CERT);
            case "peer" -> Optional.of(PEER);
            default -> Optional.empty();
        };
    }
}
