package io.pgnode.gateway.pooler.ini;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pairs of one line, read as what the global keys of like names must be. */
final class NamedPairs {
    private final String name;
    private final String where;
    private final Map<String, String> pairs;
    private final IniValues values;

    NamedPairs(String name, String where, Map<String, String> pairs, IniValues values) {
        this.name = name;
        this.where = where;
        this.pairs = pairs;
        this.values = values;
    }

    String name() {
        return name;
    }

    String where() {
        return where;
    }

    String text(String key, String usual) {
        return pairs.getOrDefault(key, usual);
    }

    @Nullable String find(String key) {
        return pairs.get(key);
    }

    int number(String like, String key, int usual) {
        return values.number(like, key, pairs.get(key), where, usual);
    }

    @Nullable Integer number(String like, String key) {
        return pairs.containsKey(key) ? number(like, key, 0) : null;
    }

    Duration seconds(String key, Duration usual) {
        return values.seconds(key, key, pairs.get(key), where, usual);
    }

    @Nullable Duration seconds(String key) {
        return pairs.containsKey(key) ? seconds(key, Duration.ZERO) : null;
    }

    @Nullable String mode() {
        String value = pairs.get("pool_mode");
        return value == null ? null : values.choice("pool_mode", value, where);
    }
}
