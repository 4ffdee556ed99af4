package io.pgnode.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Values of keys that nobody set and that follow from others. */
final class DerivedValues {
    private final Map<String, Setting> values = new TreeMap<>();
    private final Map<String, Schema.Leaf> leaves = Schema.leaves();

    private DerivedValues() {}

    static Map<String, Setting> of(LoadedConfig loaded) {
        PgnodeConfig config = loaded.config();
        Identity identity = Identity.of(config);
        HaConfig ha = config.ha();
        Timings timings = Timings.of(ha);
        String preset = "preset " + ValueTypes.spelling(ha.preset());
        DerivedValues derived = new DerivedValues();
        derived.put("name", identity.name().value(), "cluster and seq");
        derived.put("ha.ttl", timings.ttl(), preset);
        derived.put("ha.loop-wait", timings.loopWait(), preset);
        derived.put("ha.retry-timeout", timings.retryTimeout(), preset);
        derived.put(
                "ha.watchdog.safety-margin",
                timings.watchdogMargin(ha.watchdog()),
                "5 s or half the lease");
        derived.put(
                "postgresql.connect-address", identity.postgresql().toString(), "address and port");
        derived.put("rest.connect-address", identity.rest().toString(), "address and port");
        return derived.values;
    }

    private void put(String key, Duration value, String from) {
        put(key, Durations.print(value), from);
    }

    private void put(String key, String value, String from) {
        Optional.ofNullable(leaves.get(key))
                .ifPresent(
                        leaf ->
                                values.put(
                                        key,
                                        new Setting(
                                                key,
                                                leaf,
                                                List.of(value),
                                                new Origin.Derived(from))));
    }
}
