package io.pgnode.config;

/** The rules between keys. */
final class ConfigChecks {
    private ConfigChecks() {}

    static void run(PgnodeConfig config, Findings findings) {
        if (config.cluster().isEmpty()) {
            findings.add("cluster", "cluster is missing", "name the cluster, such as pg-test");
        }
    }
}
