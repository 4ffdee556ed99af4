package io.pgnode.dcs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.SyncMode;
import io.pgnode.model.ByteSize;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dynamic configuration as Patroni writes it in the config key.
 *
 * <p>A value of the wrong type or out of range is reported and replaced by the default: the rest of
 * the configuration stays in force.
 */
public final class ConfigCodec {
    /** Longest accepted duration: a day. */
    private static final double MAX_SECONDS = 86_400;

    /** Shortest accepted lease: below it an etcd server raises it anyhow. */
    private static final double MIN_TTL_SECONDS = 1;

    private static final double MIN_WAIT_SECONDS = 0.1;
    private static final int MAX_SYNC_NODES = 100;
    private static final int MAX_SCALE = 40;

    private final ObjectNode json;
    private final Consumer<String> problems;

    private ConfigCodec(ObjectNode json, Consumer<String> problems) {
        this.json = json;
        this.problems = problems;
    }

    /**
     * @param value the config key's value
     * @param modRevision zero when it is not from the DCS
     * @param problems receives one sentence per value that was replaced by its default
     * @throws IllegalArgumentException when it is not a JSON object
     */
    public static DynamicConfig decode(String value, long modRevision, Consumer<String> problems) {
        return new ConfigCodec(ClusterCodec.object(value), problems).config(value, modRevision);
    }

    private DynamicConfig config(String value, long modRevision) {
        JsonNode postgres = json.path("postgresql");
        if (!postgres.isMissingNode() && !postgres.isObject() && !postgres.isNull()) {
            problem("postgresql", postgres, "must be an object");
        }
        return new DynamicConfig(
                seconds("ttl", null, 30, MIN_TTL_SECONDS),
                seconds("loop_wait", null, 10, MIN_WAIT_SECONDS),
                seconds("retry_timeout", null, 10, MIN_WAIT_SECONDS),
                bytes("maximum_lag_on_failover", 1_048_576, 0),
                bytes("maximum_lag_on_syncnode", -1, -1),
                flag(json, "", "check_timeline", false),
                seconds("primary_start_timeout", "master_start_timeout", 300, 0),
                seconds("primary_stop_timeout", "master_stop_timeout", 0, 0),
                syncMode(),
                flag(json, "", "synchronous_mode_strict", false),
                (int) whole("synchronous_node_count", 1, 1, MAX_SYNC_NODES),
                flag(json, "", "failsafe_mode", false),
                flag(json, "", "pause", false),
                (int) whole("max_timelines_history", 0, 0, Integer.MAX_VALUE),
                flag(postgres, "postgresql.", "use_pg_rewind", false),
                flag(postgres, "postgresql.", "use_slots", true),
                flag(postgres, "postgresql.", "remove_data_directory_on_rewind_failure", false),
                flag(postgres, "postgresql.", "remove_data_directory_on_diverged_timelines", false),
                parameters(postgres.path("parameters")),
                lines(postgres, "pg_hba"),
                lines(postgres, "pg_ident"),
                value,
                modRevision);
    }

    private Duration seconds(String key, @Nullable String olderKey, double otherwise, double min) {
        String written = olderKey != null && !json.has(key) ? olderKey : key;
        BigDecimal number = number(json.path(written));
        if (isAbsent(json.path(written))) {
            return ofSeconds(BigDecimal.valueOf(otherwise));
        }
        if (number == null || number.doubleValue() < min || number.doubleValue() > MAX_SECONDS) {
            problem(
                    written,
                    json.path(written),
                    "must be "
                            + plain(min)
                            + ".."
                            + plain(MAX_SECONDS)
                            + " seconds, using "
                            + plain(otherwise));
            return ofSeconds(BigDecimal.valueOf(otherwise));
        }
        return ofSeconds(number);
    }

    private static Duration ofSeconds(BigDecimal seconds) {
        return Duration.ofNanos(
                seconds.movePointRight(9).setScale(0, RoundingMode.HALF_UP).longValueExact());
    }

    private long bytes(String key, long otherwise, long min) {
        JsonNode value = json.path(key);
        if (value.isTextual() && number(value) == null) {
            try {
                return ByteSize.parse(value.asText()).bytes();
            } catch (IllegalArgumentException e) {
                problem(key, value, "must be a size such as 1MB, using " + otherwise);
                return otherwise;
            }
        }
        return whole(key, otherwise, min, Long.MAX_VALUE);
    }

    private long whole(String key, long otherwise, long min, long max) {
        JsonNode value = json.path(key);
        if (isAbsent(value)) {
            return otherwise;
        }
        BigDecimal number = number(value);
        if (number == null
                || number.compareTo(BigDecimal.valueOf(min)) < 0
                || number.compareTo(BigDecimal.valueOf(max)) > 0) {
            String range = max >= Integer.MAX_VALUE ? min + " or more" : min + ".." + max;
            problem(key, value, "must be " + range + ", using " + otherwise);
            return otherwise;
        }
        return number.longValue();
    }

    private boolean flag(JsonNode in, String path, String key, boolean otherwise) {
        JsonNode value = in.path(key);
        if (isAbsent(value)) {
            return otherwise;
        }
        Boolean flag = bool(value);
        if (flag == null) {
            problem(path + key, value, "must be true or false, using " + otherwise);
            return otherwise;
        }
        return flag;
    }

    private SyncMode syncMode() {
        JsonNode value = json.path("synchronous_mode");
        if (isAbsent(value)) {
            return SyncMode.OFF;
        }
        if (value.isTextual() && value.asText().strip().equalsIgnoreCase("quorum")) {
            return SyncMode.QUORUM;
        }
        Boolean on = bool(value);
        if (on == null) {
            // A wish for safety that we do not understand must not become less safety.
            problem("synchronous_mode", value, "must be true, false or quorum, using true");
            return SyncMode.ON;
        }
        return on ? SyncMode.ON : SyncMode.OFF;
    }

    private Map<String, String> parameters(JsonNode written) {
        Map<String, String> parameters = new TreeMap<>();
        written.properties()
                .forEach(
                        parameter -> {
                            JsonNode value = parameter.getValue();
                            if (value.isBoolean()) {
                                parameters.put(
                                        parameter.getKey(), value.booleanValue() ? "on" : "off");
                            } else if (value.isNumber()) {
                                parameters.put(parameter.getKey(), plain(value));
                            } else if (value.isTextual()) {
                                parameters.put(parameter.getKey(), value.asText());
                            } else if (!value.isNull()) {
                                problem(
                                        "postgresql.parameters." + parameter.getKey(),
                                        value,
                                        "must be text, a number or a boolean, ignored");
                            }
                        });
        return parameters;
    }

    private List<String> lines(JsonNode postgres, String key) {
        JsonNode value = postgres.path(key);
        if (isAbsent(value)) {
            return List.of();
        }
        if (value.isTextual()) {
            return value.asText().lines().toList();
        }
        List<String> lines = new ArrayList<>();
        boolean text = value.isArray();
        for (JsonNode line : value) {
            text &= line.isTextual();
            lines.add(line.asText());
        }
        if (!text) {
            problem("postgresql." + key, value, "must be a list of lines, ignored");
            return List.of();
        }
        return lines;
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static @Nullable BigDecimal number(JsonNode value) {
        if (value.isNumber()) {
            return Double.isFinite(value.doubleValue()) ? value.decimalValue() : null;
        }
        if (!value.isTextual()) {
            return null;
        }
        try {
            BigDecimal number = new BigDecimal(value.asText().strip());
            // An absurd exponent would keep us busy for hours.
            return Math.abs(number.scale()) <= MAX_SCALE && number.precision() <= MAX_SCALE
                    ? number
                    : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Boolean bool(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        String text = value.isTextual() || value.isInt() ? value.asText() : "";
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes", "1" -> true;
            case "false", "off", "no", "0" -> false;
            default -> null;
        };
    }

    private static String plain(JsonNode number) {
        return number.isIntegralNumber() ? number.asText() : number.decimalValue().toPlainString();
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private void problem(String key, JsonNode value, String rule) {
        String written = value.toString();
        problems.accept(
                key
                        + " "
                        + rule
                        + ", was "
                        + (written.length() <= 60 ? written : written.substring(0, 57) + "..."));
    }
}
