package io.pgnode.config;

import java.net.InetAddress;
import java.util.List;

/** The REST API: credentials, TLS files, allowlist. */
final class RestCheck {
    private RestCheck() {}

    static void run(RestConfig rest, Findings findings) {
        PostgresqlCheck.port("rest.port", rest.port(), findings);
        if (!rest.listen()
                .matches("[A-Za-z0-9._*-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.%]*")) {
            findings.add(
                    "rest.listen",
                    "rest.listen is \"" + rest.listen() + "\", must be one address without port",
                    "the port stands in rest.port");
        }
        PostgresqlCheck.connectAddress(
                "rest.connect-address",
                rest.connectAddress().map(address -> address.host()).orElse(""),
                findings);
        PasswordCheck.run("rest", rest, findings);
        PasswordCheck.pair("rest", rest.username().isPresent(), rest, findings);
        tls(rest.tls(), findings);
        for (String entry : rest.allowlist().orElse(List.of())) {
            if (!isAddressOrNetwork(entry)) {
                findings.add(
                        "rest.allowlist",
                        "rest.allowlist has \"" + entry + "\", must be a network or an address",
                        "such as 10.0.0.0/8, fd00::/8 or 10.1.2.3");
            }
        }
    }

    private static void tls(RestConfig.ServerTls tls, Findings findings) {
        TlsCheck.certificate("rest.tls", tls.certFile(), tls.keyFile(), findings);
        tls.caFile().ifPresent(file -> FileCheck.readable("rest.tls.ca-file", file, findings));
        boolean verifies = tls.verifyClient() != RestConfig.ServerTls.VerifyClient.NONE;
        if (verifies && tls.caFile().isEmpty() && !findings.isBroken("rest.tls.ca-file")) {
            findings.add(
                    "rest.tls.verify-client",
                    "rest.tls.verify-client needs rest.tls.ca-file",
                    "give the certificate that signs the clients'");
        }
        if (tls.certFile().isEmpty() && verifies && !findings.isBroken("rest.tls.cert-file")) {
            findings.add(
                    "rest.tls.verify-client",
                    "rest.tls.verify-client needs rest.tls.cert-file, because TLS is off",
                    "");
        }
    }

    /** {@code 10.0.0.0/8}, {@code fd00::/8}, {@code 10.1.2.3}. Resolves nothing. */
    static boolean isAddressOrNetwork(String text) {
        int slash = text.indexOf('/');
        try {
            int bits =
                    InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash))
                                    .getAddress()
                                    .length
                            * Byte.SIZE;
            return slash < 0
                    || text.substring(slash + 1).matches("[0-9]{1,3}")
                            && Integer.parseInt(text.substring(slash + 1)) <= bits;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
