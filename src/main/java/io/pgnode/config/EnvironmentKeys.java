package io.pgnode.config;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The environment: {@code PGNODE_POSTGRESQL_PORT} is {@code postgresql.port}, and {@code
 * PGNODE_POSTGRESQL_PARAMETERS_WORK_MEM} is {@code postgresql.parameters.work_mem}. Of two names
 * that the user chooses, the first is the shortest possible.
 *
 * <p>A list is separated by commas, or written as {@code [a, "b, c"]}. An empty value counts as not
 * set. A variable that starts with {@code PGNODE_} and is no key is a mistake, except for a few
 * that have another use.
 */
final class EnvironmentKeys {
    private static final String PREFIX = "PGNODE_";

    /** Where the file is; what tests and builds use. */
    private static final Pattern OTHER_USE = Pattern.compile("PGNODE_(CONFIG|TEST_.*)");

    private final Findings findings;
    private final Map<String, String> keys = new TreeMap<>();
    private final Map<Pattern, String> tableKeys = new LinkedHashMap<>();
    private final Map<String, Schema.Leaf> leaves = Schema.leaves();

    private EnvironmentKeys(Findings findings) {
        this.findings = findings;
        for (String key : leaves.keySet()) {
            String variable = variable(key);
            if (key.contains("*")) {
                tableKeys.put(Pattern.compile(variable.replace("*", "([A-Z0-9_]+?)")), key);
            } else {
                keys.put(variable, key);
            }
        }
    }

    /** The variable of a key. */
    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static void read(Map<String, String> env, Findings findings) {
        EnvironmentKeys reader = new EnvironmentKeys(findings);
        new TreeMap<>(env)
                .forEach(
                        (variable, value) -> {
                            if (variable.startsWith(PREFIX)
                                    && !OTHER_USE.matcher(variable).matches()
                                    && !value.isEmpty()) {
                                reader.read(variable, value);
                            }
                        });
    }

    private void read(String variable, String value) {
        Optional<String> plain = Optional.ofNullable(keys.get(variable));
        if (plain.isPresent()) {
            set(variable, plain.get(), plain.get(), value);
            return;
        }
        // X_TARGET_PORT is target-port of X, not port of X_TARGET: the shortest name is meant.
        String schemaKey = "";
        String name = variable;
        String last = "";
        for (Map.Entry<Pattern, String> table : tableKeys.entrySet()) {
            Matcher matcher = table.getKey().matcher(variable);
            if (matcher.matches() && matcher.group(1).length() < name.length()) {
                name = matcher.group(1).toLowerCase(Locale.ROOT);
                last = matcher.group(matcher.groupCount()).toLowerCase(Locale.ROOT);
                schemaKey = table.getValue();
            }
        }
        if (!schemaKey.isEmpty()) {
            String key = schemaKey.replaceFirst("\\*", name).replace("*", last);
            set(variable, schemaKey, key, value);
            return;
        }
        String nearest =
                keys.keySet().stream()
                        .min(Comparator.comparingInt(known -> Names.distance(variable, known)))
                        .orElseThrow();
        boolean near = Names.distance(variable, nearest) <= variable.length() / 3;
        findings.unreadable(
                variable,
                new Origin.Environment(variable),
                "there is no such key",
                near ? "did you mean " + nearest + "?" : "unset it");
    }

    private void set(String variable, String schemaKey, String key, String value) {
        Schema.Leaf leaf = leaves.get(schemaKey);
        if (leaf != null) {
            List<String> values = leaf.list() ? list(value) : List.of(value);
            findings.set(new Setting(key, leaf, values, new Origin.Environment(variable)));
        }
    }

    private static List<String> list(String value) {
        if (value.startsWith("[")) {
            Optional<List<String>> sequence = ConfigFile.sequence(value);
            if (sequence.isPresent()) {
                return sequence.get();
            }
        }
        return Stream.of(value.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }
}
