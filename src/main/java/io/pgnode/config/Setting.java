package io.pgnode.config;

import java.util.List;

/**
 * A key that somebody set, and to what.
 *
 * @param key as reports print it: {@code postgresql.parameters.work_mem}
 * @param leaf what the schema says of it
 * @param values one for a plain value, any number for a list
 */
public record Setting(String key, Schema.Leaf leaf, List<String> values, Origin origin) {
    public Setting {
        values = List.copyOf(values);
    }

    /** The value for a report: quoted, or masked. */
    public String printable() {
        if (leaf.isSecret()) {
            return Secret.MASK;
        }
        return values.size() == 1 ? "\"" + values.getFirst() + "\"" : values.toString();
    }

    @Override
    public String toString() {
        return key + "=" + printable() + " (" + origin + ")";
    }
}
