package io.pgnode.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a reload would change.
 *
 * @param candidate the new configuration, checked; it has the new values of all keys, so whoever
 *     takes it over must leave alone what needs a restart
 * @param changes in order of keys; empty when nothing changed
 */
public record ConfigReload(LoadedConfig candidate, List<Change> changes) {
    /**
     * @param before as reports print it, secrets masked; empty for none
     * @param after likewise
     */
    public record Change(String key, String before, String after, Effect effect) {
        @Override
        public String toString() {
            return key + ": " + shown(before) + " -> " + shown(after) + " (" + effect.text() + ")";
        }

        private static String shown(String value) {
            return value.isEmpty() ? "not set" : value;
        }
    }

    public ConfigReload {
        changes = List.copyOf(changes);
    }

    /**
     * Reads and checks the file again. Blocking.
     *
     * @throws ConfigProblems when anything is wrong: then the running configuration stays whole
     */
    public static ConfigReload read(LoadedConfig running, Path file, Map<String, String> env)
            throws ConfigProblems {
        return between(running, ConfigLoader.load(file, env));
    }

    public static ConfigReload between(LoadedConfig running, LoadedConfig candidate) {
        SortedSet<String> keys = new TreeSet<>(running.settings().keySet());
        keys.addAll(candidate.settings().keySet());
        List<Change> changes =
                keys.stream()
                        .filter(
                                key ->
                                        !values(running, key, candidate)
                                                .equals(values(candidate, key, running)))
                        .map(key -> change(key, running, candidate))
                        .toList();
        return new ConfigReload(candidate, changes);
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** The keys whose new values count only after a restart of the process. */
    public List<String> needRestart() {
        return changes.stream()
                .filter(change -> change.effect() == Effect.RESTART)
                .map(Change::key)
                .toList();
    }

    private static Change change(String key, LoadedConfig running, LoadedConfig candidate) {
        return new Change(
                key,
                shown(values(running, key, candidate), leaf(running, key, candidate)),
                shown(values(candidate, key, running), leaf(candidate, key, running)),
                leaf(candidate, key, running).effect());
    }

    private static String shown(List<String> values, Schema.Leaf leaf) {
        if (leaf.isSecret()) {
            return values.isEmpty() ? "" : Secret.MASK;
        }
        return String.join(", ", values);
    }

    /** The values of a key that {@code other} has when {@code config} has not. */
    private static List<String> values(LoadedConfig config, String key, LoadedConfig other) {
        Setting setting = config.settings().get(key);
        return setting == null ? leaf(config, key, other).defaults() : setting.values();
    }

    private static Schema.Leaf leaf(LoadedConfig config, String key, LoadedConfig other) {
        Setting setting = config.settings().get(key);
        Setting otherwise = other.settings().get(key);
        if (setting != null) {
            return setting.leaf();
        }
        if (otherwise != null) {
            return otherwise.leaf();
        }
        throw new IllegalArgumentException("nobody set " + key);
    }
}
