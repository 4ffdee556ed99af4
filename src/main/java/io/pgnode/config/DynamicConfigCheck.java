package io.pgnode.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.model.ByteSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether a dynamic configuration (the DCS config key, Patroni's spelling) may be written.
 *
 * <p>Keys that nobody knows are allowed, because sites keep their own facts there, unless they look
 * like a slip of the finger. Nulls are allowed: they delete. Pure.
 */
public final class DynamicConfigCheck {
    /** Under three seconds, one lost packet costs the lease. */
    public static final int MIN_TTL_SECONDS = 3;

    /** What a key that is absent counts as: Patroni's defaults. */
    private static final Timings ABSENT = Preset.WIDE.timings();

    private sealed interface Kind {
        record Whole(long least) implements Kind {}

        record Bytes(long least) implements Kind {}

        record Truth() implements Kind {}

        record SyncMode() implements Kind {}

        record Lines() implements Kind {}

        record Section() implements Kind {}

        record Parameters() implements Kind {}

        record Anything() implements Kind {}
    }

    private static final Kind TRUTH = new Kind.Truth();

    private static final Map<String, Kind> TOP =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("ttl", new Kind.Whole(MIN_TTL_SECONDS)),
                            Map.entry("loop_wait", new Kind.Whole(1)),
                            Map.entry("retry_timeout", new Kind.Whole(1)),
                            Map.entry("maximum_lag_on_failover", new Kind.Bytes(0)),
                            Map.entry("maximum_lag_on_syncnode", new Kind.Bytes(-1)),
                            Map.entry("max_timelines_history", new Kind.Whole(0)),
                            Map.entry("primary_start_timeout", new Kind.Whole(0)),
                            Map.entry("primary_stop_timeout", new Kind.Whole(0)),
                            Map.entry("master_start_timeout", new Kind.Whole(0)),
                            Map.entry("master_stop_timeout", new Kind.Whole(0)),
                            Map.entry("primary_race_backoff", new Kind.Whole(0)),
                            Map.entry("synchronous_node_count", new Kind.Whole(1)),
                            Map.entry("synchronous_mode", new Kind.SyncMode()),
                            Map.entry("synchronous_mode_strict", TRUTH),
                            Map.entry("failsafe_mode", TRUTH),
                            Map.entry("check_timeline", TRUTH),
                            Map.entry("pause", TRUTH),
                            Map.entry("member_slots_ttl", new Kind.Anything()),
                            Map.entry("slots", new Kind.Section()),
                            Map.entry("ignore_slots", new Kind.Anything()),
                            Map.entry("standby_cluster", new Kind.Section()),
                            Map.entry("postgresql", new Kind.Section())));

    private static final Map<String, Kind> POSTGRESQL =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("use_pg_rewind", TRUTH),
                            Map.entry("use_slots", TRUTH),
                            Map.entry("remove_data_directory_on_rewind_failure", TRUTH),
                            Map.entry("remove_data_directory_on_diverged_timelines", TRUTH),
                            Map.entry("parameters", new Kind.Parameters()),
                            Map.entry("recovery_conf", new Kind.Parameters()),
                            Map.entry("pg_hba", new Kind.Lines()),
                            Map.entry("pg_ident", new Kind.Lines())));

    private final List<Problem> problems = new ArrayList<>();

    private DynamicConfigCheck() {}

    /** Everything that is wrong with it; empty when it may be written. */
    public static List<Problem> check(JsonNode json) {
        DynamicConfigCheck check = new DynamicConfigCheck();
        if (!json.isObject()) {
            check.add("", "the dynamic configuration must be a JSON object", "");
            return check.problems;
        }
        check.section("", json, TOP);
        JsonNode postgresql = json.path("postgresql");
        if (postgresql.isObject()) {
            check.section("postgresql", postgresql, POSTGRESQL);
        }
        if (check.problems.isEmpty()) {
            check.leaseArithmetic(json);
        }
        return check.problems;
    }

    private void section(String section, JsonNode json, Map<String, Kind> known) {
        json.properties()
                .forEach(
                        entry -> {
                            String key = Schema.join(section, entry.getKey());
                            Kind kind = known.get(entry.getKey());
                            if (kind == null) {
                                slip(key, entry.getKey(), known);
                            } else if (!entry.getValue().isNull()) {
                                value(key, entry.getValue(), kind);
                            }
                        });
    }

    private void slip(String key, String name, Map<String, Kind> known) {
        known.keySet().stream()
                .filter(candidate -> Names.distance(name.replace('-', '_'), candidate) <= 2)
                .min(Comparator.comparingInt(candidate -> Names.distance(name, candidate)))
                .ifPresent(near -> add(key, "unknown key " + key, "did you mean " + near + "?"));
    }

    private void value(String key, JsonNode value, Kind kind) {
        switch (kind) {
            case Kind.Whole whole ->
                    require(
                            key,
                            value,
                            isWhole(value) && value.asLong() >= whole.least(),
                            "a whole number, at least " + whole.least());
            case Kind.Bytes bytes ->
                    require(
                            key,
                            value,
                            isWhole(value)
                                    ? value.asLong() >= bytes.least()
                                    : value.isTextual()
                                            && ValueTypes.of(ByteSize.class)
                                                    .accepts(value.asText()),
                            "a number of bytes, at least "
                                    + bytes.least()
                                    + ", or a size such as 16MB");
            case Kind.Truth _ -> require(key, value, isTruth(value), "true or false");
            case Kind.SyncMode _ ->
                    require(
                            key,
                            value,
                            isTruth(value) || value.asText().equalsIgnoreCase("quorum"),
                            "on, off or quorum");
            case Kind.Lines _ ->
                    require(
                            key,
                            value,
                            value.isArray() && value.valueStream().allMatch(JsonNode::isTextual),
                            "a list of lines");
            case Kind.Section _ -> require(key, value, value.isObject(), "a section of keys");
            case Kind.Parameters _ -> {
                require(key, value, value.isObject(), "a section of parameters");
                value.properties().forEach(entry -> parameter(key, entry));
            }
            case Kind.Anything _ -> {}
        }
    }

    private void parameter(String section, Map.Entry<String, JsonNode> entry) {
        String key = section + "." + entry.getKey();
        if (!Names.isParameter(entry.getKey())) {
            add(key, "\"" + entry.getKey() + "\" is no name of a parameter", "");
        }
        require(key, entry.getValue(), !entry.getValue().isContainerNode(), "one value");
    }

    private void leaseArithmetic(JsonNode json) {
        long ttl = seconds(json, "ttl", ABSENT.ttl().toSeconds());
        long loopWait = seconds(json, "loop_wait", ABSENT.loopWait().toSeconds());
        long retryTimeout = seconds(json, "retry_timeout", ABSENT.retryTimeout().toSeconds());
        long least = loopWait + 2 * retryTimeout;
        if (ttl < least) {
            add(
                    "ttl",
                    "ttl is "
                            + ttl
                            + " s, must be at least loop_wait + 2 * retry_timeout ("
                            + loopWait
                            + " + 2 * "
                            + retryTimeout
                            + " = "
                            + least
                            + " s)",
                    "raise ttl, or lower loop_wait or retry_timeout in the same change");
        }
    }

    private static long seconds(JsonNode json, String key, long absent) {
        JsonNode value = json.path(key);
        return value.isMissingNode() || value.isNull() ? absent : value.asLong();
    }

    /** Also a whole number as text, which Patroni takes too. */
    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToLong()
                || value.isTextual() && value.asText().matches("-?[0-9]{1,18}");
    }

    private static boolean isTruth(JsonNode value) {
        return value.isBoolean() || value.asText().matches("(?i)true|false|on|off|yes|no");
    }

    private void require(String key, JsonNode value, boolean holds, String expected) {
        if (!holds) {
            add(key, key + " is " + value + ", must be " + expected, "");
        }
    }

    private void add(String key, String message, String hint) {
        problems.add(new Problem(key, "", message, hint));
    }
}
