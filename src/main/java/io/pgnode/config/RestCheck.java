package io.pgnode.config;

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
                        "rest.allowlist has \"" + entry + "\", must be a network, address or host",
                        "such as 10.0.0.0/8, 10.1.2.3 or admin.example.org");
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

    /** {@code 10.0.0.0/8}, {@code fd00::/8}, {@code 10.1.2.3}, {@code host.example.org}. */
    static boolean isAddressOrNetwork(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return text.matches("[A-Za-z0-9._:%-]+");
        }
        String address = text.substring(0, slash);
        String bits = text.substring(slash + 1);
        if (!bits.matches("[0-9]{1,3}")) {
            return false;
        }
        int prefix = Integer.parseInt(bits);
        return address.indexOf(':') >= 0
                ? address.matches("[0-9A-Fa-f:.]+") && prefix <= 128
                : address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") && prefix <= 32;
    }
}
