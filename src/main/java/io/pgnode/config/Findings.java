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
    /** Sorts what has no line after what has one. */
    private static final int NOWHERE = Integer.MAX_VALUE;

    private final String file;
    private final SortedMap<String, Setting> settings = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Integer> lines = new ArrayList<>();
    private final Set<String> broken = new HashSet<>();
    private final Set<String> unreadable = new HashSet<>();

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

    /** A value that cannot be read: no rule will say more about the key. */
    void unreadable(String key, Origin where, String message, String hint) {
        report(key, where, message, hint);
        unreadable.add(key);
    }

    /** A broken rule about a key, wherever it was set. */
    void add(String key, String message, String hint) {
        if (!unreadable.contains(key)) {
            report(key, where(key), message, hint);
        }
    }

    /** Where the key was set, else where its section has a value. */
    private Origin where(String key) {
        Setting setting = settings.get(key);
        if (setting != null) {
            return setting.origin();
        }
        String section = key.substring(0, key.lastIndexOf('.') + 1);
        return settings.tailMap(section).entrySet().stream()
                .findFirst()
                .filter(entry -> !section.isEmpty() && entry.getKey().startsWith(section))
                .map(entry -> entry.getValue().origin())
                .orElse(new Origin.InFile(file, NOWHERE));
    }

    private void report(String key, Origin where, String message, String hint) {
        boolean inFile = where instanceof Origin.InFile;
        int line = where instanceof Origin.InFile place ? place.line() : NOWHERE;
        String shown = inFile && line == NOWHERE ? file : where.toString();
        problems.add(new Problem(key, shown, message, hint));
        lines.add(line);
        broken.add(key);
    }

    boolean isSet(String key) {
        return settings.containsKey(key);
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
