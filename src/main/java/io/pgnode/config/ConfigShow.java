package io.pgnode.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The effective configuration as YAML that could be loaded again, but for the secrets.
 *
 * <p>Every line carries where its value comes from. Keys without a value are left away.
 */
public final class ConfigShow {
    /**
     * @param yaml with its indentation
     * @param comment empty for none, else without the {@code #}
     */
    public record Line(String yaml, String comment) {}

    private static final List<String> TOP_ORDER =
            List.of("cluster", "seq", "name", "role", "address", "namespace", "run-dir");
    private static final List<String> SECTION_ORDER =
            List.of("dcs", "ha", "postgresql", "bootstrap", "rest", "log");

    private final LoadedConfig loaded;
    private final Map<String, Setting> derived;
    private final List<Line> lines = new ArrayList<>();

    private ConfigShow(LoadedConfig loaded) {
        this.loaded = loaded;
        this.derived = DerivedValues.of(loaded);
    }

    public static List<Line> lines(LoadedConfig loaded) {
        ConfigShow show = new ConfigShow(loaded);
        show.section("", 0, Schema.root());
        return List.copyOf(show.lines);
    }

    /** The worst cases in words, one line each; the first is a heading. */
    public static List<String> recovery(PgnodeConfig config) {
        Timings timings = Timings.of(config.ha());
        RecoveryTime worst = RecoveryTime.worstCase(timings);
        return List.of(
                "longest time without writes, computed from the lease settings of the first start:",
                "  node lost          "
                        + seconds(worst.nodeLost())
                        + "  ttl "
                        + seconds(timings.ttl()).strip()
                        + " + lease expiry 0.5 s + race 1 s + promotion 0.5 s",
                "  agent stopped      "
                        + seconds(worst.agentStopped())
                        + "  from the fence at the lease's end; writes go on until then",
                "  agent killed       " + seconds(Duration.ZERO) + "  PostgreSQL keeps running",
                "  postmaster killed  "
                        + seconds(worst.postmasterKilled())
                        + "  and crash recovery of the WAL since the last checkpoint",
                "  switchover         "
                        + seconds(worst.switchover())
                        + "  the checkpoint is done before");
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%4.1f s", duration.toMillis() / 1000.0);
    }

    private void section(String key, int depth, Schema.Section section) {
        List<String> names = new ArrayList<>(section.children().keySet());
        if (depth == 0) {
            names.removeAll(TOP_ORDER);
            names.addAll(0, TOP_ORDER);
            names.removeAll(SECTION_ORDER);
            names.addAll(SECTION_ORDER);
        } else {
            names.sort(
                    (a, b) ->
                            Boolean.compare(
                                    !(section.children().get(a) instanceof Schema.Leaf),
                                    !(section.children().get(b) instanceof Schema.Leaf)));
        }
        for (String name : names) {
            Schema.Node child = section.children().get(name);
            if (child != null) {
                node(Schema.join(key, name), name, depth, child);
            }
        }
    }

    private void node(String key, String name, int depth, Schema.Node node) {
        switch (node) {
            case Schema.Leaf leaf -> leaf(key, name, depth, leaf);
            case Schema.Section section -> {
                int before = lines.size();
                add(depth, name + ":", "");
                section(key, depth + 1, section);
                if (lines.size() == before + 1) {
                    lines.removeLast();
                }
            }
            case Schema.Table table -> table(key, name, depth, table);
        }
    }

    private void table(String key, String name, int depth, Schema.Table table) {
        SortedMap<String, String> rows = new TreeMap<>();
        for (String full : loaded.settings().tailMap(key + ".").keySet()) {
            if (!full.startsWith(key + ".")) {
                break;
            }
            String row = Names.first(full.substring(key.length() + 1));
            rows.put(row, Schema.join(key, row));
        }
        if (!rows.isEmpty()) {
            add(depth, name + ":", "");
            rows.forEach((row, full) -> node(full, row, depth + 1, table.value()));
        }
    }

    private void leaf(String key, String name, int depth, Schema.Leaf leaf) {
        Setting setting = loaded.settings().getOrDefault(key, derived.get(key));
        List<String> values = setting == null ? leaf.defaults() : setting.values();
        String origin = setting == null ? "default" : setting.origin().toString();
        if (setting == null && values.isEmpty()) {
            return;
        }
        if (leaf.type() == JsonTree.class) {
            tree(name, depth, values.getFirst(), origin);
        } else if (!leaf.list()) {
            String shown = leaf.isSecret() ? Secret.MASK : values.getFirst();
            add(depth, name + ": " + scalar(shown), origin);
        } else if (values.isEmpty()) {
            add(depth, name + ": []", origin);
        } else {
            add(depth, name + ":", origin);
            values.forEach(value -> add(depth, "- " + scalar(value), ""));
        }
    }

    private void tree(String name, int depth, String json, String origin) {
        JsonNode tree = new JsonTree(json).object();
        if (tree.isEmpty()) {
            add(depth, name + ": {}", origin);
        } else {
            add(depth, name + ":", origin);
            block(depth + 1, tree);
        }
    }

    private void block(int depth, JsonNode object) {
        object.properties()
                .forEach(
                        entry -> {
                            String name = Names.quoted(entry.getKey()) + ":";
                            JsonNode value = entry.getValue();
                            if (value.isObject() && !value.isEmpty()) {
                                add(depth, name, "");
                                block(depth + 1, value);
                            } else {
                                add(depth, name + " " + value, "");
                            }
                        });
    }

    private void add(int depth, String text, String comment) {
        lines.add(new Line("  ".repeat(depth) + text, comment));
    }

    /** Plain where YAML allows it, else in double quotes. */
    private static String scalar(String value) {
        boolean plain =
                value.matches("[A-Za-z0-9/_.][A-Za-z0-9/_.+=,%@ -]*(:[A-Za-z0-9/_.-]+)*")
                        && !value.endsWith(" ")
                        && !value.equalsIgnoreCase("null");
        return plain ? value : TextNode.valueOf(value).toString();
    }
}
