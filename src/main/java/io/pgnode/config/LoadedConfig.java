package io.pgnode.config;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A checked configuration, with where each value comes from.
 *
 * @param settings the keys that somebody set, by key; any other key has its default
 */
public record LoadedConfig(PgnodeConfig config, SortedMap<String, Setting> settings) {
    private static final Origin DEFAULT = new Origin.Default();

    public LoadedConfig {
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    public Origin origin(String key) {
        Setting setting = settings.get(key);
        return setting == null ? DEFAULT : setting.origin();
    }
}
