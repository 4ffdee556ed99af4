package io.pgnode.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What one load has found so far: the settings, and what is wrong. One thread. */
final class Findings {
    private final String file;
    private final SortedMap<String, Setting> settings = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Integer> lines = new ArrayList<>();
    private final Set<String> broken = new HashSet<>();

    /**
     * @param file where to look when a key is missing
     */
    Findings(String file) {
        this.file = file;
    }

    /** The later one wins. */
    void set(Setting setting) {
        settings.put(setting.key(), setting);
    }

    void drop(String key) {
        settings.remove(key);
    }

    SortedMap<String, Setting> settings() {
        return Collections.unmodifiableSortedMap(settings);
    }

    /** A problem of a key at a known place. */
    void add(String key, Origin where, String message, String hint) {
        problems.add(new Problem(key, where.toString(), message, hint));
        lines.add(where instanceof Origin.InFile inFile ? inFile.line() : Integer.MAX_VALUE);
        broken.add(key);
    }

    /** A problem of a key wherever it was set; nothing when the key is known to be wrong. */
    void add(String key, String message, String hint) {
        if (!broken.contains(key)) {
            Setting setting = settings.get(key);
            if (setting == null) {
                problems.add(new Problem(key, file, message, hint));
                lines.add(Integer.MAX_VALUE);
                broken.add(key);
            } else {
                add(key, setting.origin(), message, hint);
            }
        }
    }

    boolean isBroken(String key) {
        return broken.contains(key);
    }

    /** In order of lines; those without one last. */
    List<Problem> problems() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < problems.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing(lines::get));
        return order.stream().map(problems::get).toList();
    }
}
