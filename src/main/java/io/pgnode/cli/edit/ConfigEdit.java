package io.pgnode.cli.edit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Yamls;
import io.pgnode.config.InitialDynamicConfig;
import java.util.List;

/** A copy of a configuration, to be changed step by step. The original stays as it is. */
public final class ConfigEdit {
    private static final String PARAMETERS = "postgresql.parameters";

    private final ObjectNode tree;

    public ConfigEdit(ObjectNode original) {
        this.tree = original.deepCopy();
    }

    public ObjectNode result() {
        return tree;
    }

    /**
     * Sets one value.
     *
     * @param assignment {@code path.of.keys=value}; the value is YAML, an empty one or {@code null}
     *     removes the key. Everything after {@code postgresql.parameters.} is one name, because
     *     those of extensions have dots.
     * @throws IllegalArgumentException when it is no assignment, or the path leads through a value
     */
    public ConfigEdit set(String assignment) {
        int equals = assignment.indexOf('=');
        String path = equals < 0 ? "" : assignment.substring(0, equals).strip();
        if (path.isEmpty() || path.startsWith(".") || path.endsWith(".")) {
            throw new IllegalArgumentException(
                    "change must look like key=value or section.key=value, was \""
                            + assignment
                            + "\"");
        }
        return put(keys(path), value(assignment.substring(equals + 1).strip()));
    }

    /**
     * Sets one PostgreSQL parameter.
     *
     * @param assignment {@code name=value}; an empty value or {@code null} removes it
     */
    public ConfigEdit setParameter(String assignment) {
        return set(PARAMETERS + "." + assignment);
    }

    /** Merges: sections into sections, other values replace, nulls remove (RFC 7396). */
    public ConfigEdit merge(ObjectNode patch) {
        InitialDynamicConfig.merge(tree, patch);
        return this;
    }

    private static List<String> keys(String path) {
        if (path.startsWith(PARAMETERS + ".")) {
            return List.of("postgresql", "parameters", path.substring(PARAMETERS.length() + 1));
        }
        return List.of(path.split("\\.", -1));
    }

    private static JsonNode value(String text) {
        return text.isEmpty() ? NullNode.getInstance() : Yamls.parse(text);
    }

    private ConfigEdit put(List<String> keys, JsonNode value) {
        ObjectNode section = tree;
        for (String key : keys.subList(0, keys.size() - 1)) {
            JsonNode inner = section.get(key);
            if (inner == null || inner.isNull()) {
                if (value.isNull()) {
                    return this; // there is nothing to remove
                }
                inner = section.putObject(key);
            }
            if (!(inner instanceof ObjectNode object)) {
                throw new IllegalArgumentException(
                        "\""
                                + key
                                + "\" is a value, not a section: cannot set "
                                + String.join(".", keys));
            }
            section = object;
        }
        if (value.isNull()) {
            section.remove(keys.getLast());
        } else {
            section.set(keys.getLast(), value);
        }
        return this;
    }
}
