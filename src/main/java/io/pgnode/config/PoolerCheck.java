package io.pgnode.config;

import java.util.Map;
import java.util.TreeMap;

/** The pooler's own keys; what PgBouncer calls by the same names is checked by the gateway. */
final class PoolerCheck {
    private PoolerCheck() {}

    static void run(PoolerConfig pooler, Findings findings) {
        PostgresqlCheck.port("pooler.port", pooler.port(), findings);
        if (pooler.hba().isPresent() && pooler.hbaFile().isPresent()) {
            findings.add("pooler.hba", "both pooler.hba and pooler.hba-file are given", "keep one");
        }
        pooler.hbaFile().ifPresent(file -> FileCheck.readable("pooler.hba-file", file, findings));
        new TreeMap<>(pooler.databases()).forEach((name, keys) -> database(name, keys, findings));
    }

    private static void database(String name, Map<String, String> keys, Findings findings) {
        String at = "pooler.databases." + Names.quoted(name) + ".password";
        if (keys.containsKey("password")) {
            findings.add(
                    at,
                    at + " has no place in this file",
                    "servers are opened with the keys that clients log in with; for another role"
                            + " name a file of mode 0600 with pooler.settings.auth_file");
        }
    }
}
