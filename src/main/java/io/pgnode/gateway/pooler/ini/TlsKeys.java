package io.pgnode.gateway.pooler.ini;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** TLS of one side, as {@code [pgbouncer]} says it. */
final class TlsKeys {
    private final String side;
    private final IniValues values;
    private final Findings findings;

    /**
     * @param side client or server
     */
    TlsKeys(String side, IniValues values, Findings findings) {
        this.side = side;
        this.values = values;
        this.findings = findings;
    }

    PoolerIni.Tls read() {
        String mode = values.choice(side + "_tls_sslmode");
        String key = values.text(side + "_tls_key_file");
        String certificate = values.text(side + "_tls_cert_file");
        String authority = values.text(side + "_tls_ca_file");
        String where = values.where(side + "_tls_sslmode");
        boolean isOn = !mode.equals("disable");
        if (side.equals("client") && isOn && (key.isEmpty() || certificate.isEmpty())) {
            findings.problem(
                    where,
                    "client_tls_sslmode is "
                            + mode
                            + ", but client_tls_key_file or client_tls_cert_file is missing",
                    "");
        }
        if (mode.startsWith("verify") && authority.isEmpty()) {
            findings.problem(
                    where,
                    side + "_tls_sslmode is " + mode + ", but there is no " + side + "_tls_ca_file",
                    "name the file of the certificates to trust");
        }
        return new PoolerIni.Tls(mode, key, certificate, authority, protocols(), ciphers());
    }

    private List<String> protocols() {
        String name = side + "_tls_protocols";
        List<String> result = new ArrayList<>();
        for (String word : values.text(name).split("[,:\\s]+", -1)) {
            switch (word) {
                case "", "secure", "default", "all", "legacy" ->
                        result.addAll(List.of("TLSv1.3", "TLSv1.2"));
                case "tlsv1.3" -> result.add("TLSv1.3");
                case "tlsv1.2" -> result.add("TLSv1.2");
                case "tlsv1.0", "tlsv1.1" ->
                        findings.warning(
                                values.where(name), word + " is too weak and is not spoken", "");
                default ->
                        findings.wrong(
                                values.where(name),
                                name,
                                word,
                                "secure, all, tlsv1.2 or tlsv1.3",
                                "");
            }
        }
        if (result.isEmpty()) {
            result.add("TLSv1.2");
        }
        return result.stream().distinct().toList();
    }

    private List<String> ciphers() {
        List<String> result = new ArrayList<>();
        for (String name : List.of(side + "_tls_ciphers", side + "_tls13_ciphers")) {
            String text = values.text(name);
            if (text.isEmpty()
                    || Set.of("default", "secure", "normal", "fast", "all").contains(text)) {
                continue;
            }
            List<String> names =
                    Arrays.stream(text.split("[:,\\s]+", -1)).filter(n -> !n.isEmpty()).toList();
            if (names.stream().allMatch(cipher -> cipher.startsWith("TLS_"))) {
                result.addAll(names);
            } else {
                findings.warning(
                        values.where(name),
                        name + " has no effect: it is a list in OpenSSL's language",
                        "name ciphers as TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
            }
        }
        return result;
    }
}
