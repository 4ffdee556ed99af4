package io.pgnode.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The environment: {@code PGNODE_POSTGRESQL_PORT} is {@code postgresql.port}. */
final class EnvironmentKeys {
    private static final String PREFIX = "PGNODE_";

    private EnvironmentKeys() {}

    /** The variable of a key. */
    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static void read(Map<String, String> env, Findings findings) {
        Map<String, String> keys = new TreeMap<>();
        Map<String, Schema.Leaf> leaves = Schema.leaves();
        leaves.keySet().forEach(key -> keys.put(variable(key), key));
        env.forEach(
                (variable, value) -> {
                    String key = keys.get(variable);
                    Schema.Leaf leaf = key == null ? null : leaves.get(key);
                    if (key != null && leaf != null && !value.isEmpty()) {
                        List<String> values =
                                leaf.list() ? Arrays.asList(value.split(",")) : List.of(value);
                        findings.set(
                                new Setting(key, leaf, values, new Origin.Environment(variable)));
                    }
                });
    }
}
