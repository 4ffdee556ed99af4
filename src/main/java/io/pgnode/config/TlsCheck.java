package io.pgnode.config;

import java.nio.file.Path;
import java.util.Optional;

/** A certificate and its key. */
final class TlsCheck {
    private TlsCheck() {}

    static void certificate(
            String section, Optional<Path> cert, Optional<Path> key, Findings findings) {
        String certKey = section + ".cert-file";
        String keyKey = section + ".key-file";
        cert.ifPresent(file -> FileCheck.readable(certKey, file, findings));
        key.ifPresent(file -> FileCheck.secret(keyKey, file, findings));
        if (cert.isPresent() && key.isEmpty() && !findings.isBroken(keyKey)) {
            findings.add(certKey, certKey + " is given without " + keyKey, "add " + keyKey);
        }
        if (key.isPresent() && cert.isEmpty() && !findings.isBroken(certKey)) {
            findings.add(keyKey, keyKey + " is given without " + certKey, "add " + certKey);
        }
    }
}
