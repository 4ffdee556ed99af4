package io.pgnode.config;

import java.util.Map;
import java.util.Optional;

/** Keys of the tools we replace, and what stands in for them here. */
final class RenamedKeys {
    private static final Map<String, String> EXPLANATIONS =
            Map.ofEntries(
                    Map.entry("scope", "Patroni's scope is called cluster here"),
                    Map.entry("restapi", "Patroni's restapi is called rest here"),
                    Map.entry("tags", "tags stand under ha.tags"));

    private RenamedKeys() {}

    static Optional<String> explain(String key) {
        return Optional.ofNullable(EXPLANATIONS.get(key));
    }
}
