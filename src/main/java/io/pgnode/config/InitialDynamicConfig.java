package io.pgnode.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The dynamic configuration that the first member writes to the DCS when it creates the cluster.
 *
 * <p>In Patroni's spelling: what preset and overrides say, then {@code bootstrap.dcs} merged over
 * it (RFC 7396: objects merge, null deletes, anything else replaces). Pure.
 */
public final class InitialDynamicConfig {
    /** Patroni's default: 1 MiB. */
    private static final int MAXIMUM_LAG_ON_FAILOVER = 1 << 20;

    private InitialDynamicConfig() {}

    public static String json(PgnodeConfig config) {
        return tree(config).toString();
    }

    static ObjectNode tree(PgnodeConfig config) {
        Timings timings = Timings.of(config.ha());
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("ttl", timings.ttl().toSeconds());
        json.put("loop_wait", timings.loopWait().toSeconds());
        json.put("retry_timeout", timings.retryTimeout().toSeconds());
        json.put("maximum_lag_on_failover", MAXIMUM_LAG_ON_FAILOVER);
        ObjectNode postgresql = json.putObject("postgresql");
        postgresql.put("use_pg_rewind", config.postgresql().usePgRewind());
        postgresql.put("use_slots", true);
        HaConfig ha = config.ha();
        if (ha.removeDataDirectoryOnRewindFailure()) {
            postgresql.put("remove_data_directory_on_rewind_failure", true);
        }
        if (ha.removeDataDirectoryOnDivergedTimelines()) {
            postgresql.put("remove_data_directory_on_diverged_timelines", true);
        }
        postgresql.putObject("parameters");
        merge(json, config.bootstrap().dcs().object());
        return json;
    }

    /** Merges {@code patch} into {@code target}, which changes. */
    public static void merge(ObjectNode target, JsonNode patch) {
        patch.properties()
                .forEach(
                        entry -> {
                            String key = entry.getKey();
                            JsonNode value = entry.getValue();
                            if (value.isNull()) {
                                target.remove(key);
                            } else if (!(value instanceof ObjectNode)) {
                                target.set(key, value);
                            } else {
                                ObjectNode inner =
                                        target.get(key) instanceof ObjectNode existing
                                                ? existing
                                                : target.putObject(key);
                                merge(inner, value);
                            }
                        });
    }
}
