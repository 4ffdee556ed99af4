package io.pgnode.config;

import io.pgnode.model.HostPort;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** The store: endpoints, credentials, TLS files. */
final class DcsCheck {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private DcsCheck() {}

    static void run(DcsConfig dcs, Findings findings) {
        Set<HostPort> seen = new HashSet<>();
        for (HostPort endpoint : dcs.endpoints()) {
            if (!seen.add(endpoint)) {
                findings.add("dcs.endpoints", "dcs.endpoints lists " + endpoint + " twice", "");
            }
            if (endpoint.host().contains("/")) {
                findings.add(
                        "dcs.endpoints",
                        "dcs.endpoints has \"" + endpoint + "\", must be host:port",
                        "leave http:// away; dcs.tls.enabled: true turns TLS on");
            }
        }
        if (dcs.timeout().compareTo(SHORTEST) < 0 || dcs.timeout().compareTo(LONGEST) > 0) {
            findings.add(
                    "dcs.timeout",
                    "dcs.timeout is "
                            + Durations.print(dcs.timeout())
                            + ", must be "
                            + Durations.print(SHORTEST)
                            + ".."
                            + Durations.print(LONGEST),
                    "");
        }
        PasswordCheck.run("dcs", dcs, findings);
        PasswordCheck.pair("dcs", dcs.username().isPresent(), dcs, findings);
        tls(dcs.tls(), findings);
        if (dcs.type() == DcsType.EMBEDDED) {
            FileCheck.absolute("dcs.data-dir", dcs.dataDir(), findings);
        }
    }

    private static void tls(DcsConfig.ClientTls tls, Findings findings) {
        if (!tls.enabled()) {
            for (String file : new String[] {"ca-file", "cert-file", "key-file"}) {
                String key = "dcs.tls." + file;
                if (findings.isSet(key)) {
                    findings.add(
                            key,
                            key + " is given, but TLS is off",
                            "add dcs.tls.enabled: true, or remove " + key);
                }
            }
            return;
        }
        tls.caFile().ifPresent(file -> FileCheck.readable("dcs.tls.ca-file", file, findings));
        TlsCheck.certificate("dcs.tls", tls.certFile(), tls.keyFile(), findings);
    }
}
