package io.pgnode.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code synchronous_standby_names} as PostgreSQL reads it: the first {@code count} of the listed
 * standbys that are connected must have flushed a commit.
 */
record SyncNames(int count, List<String> names) {
    private static final Pattern NAME = Pattern.compile("\"([^\"]+)\"");
    private static final Pattern COUNT = Pattern.compile("^(\\d+) \\(");

    static final SyncNames NOBODY = new SyncNames(0, List.of());

    static SyncNames parse(String value) {
        if (value.isEmpty()) {
            return NOBODY;
        }
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(value);
        while (name.find()) {
            names.add(name.group(1));
        }
        Matcher count = COUNT.matcher(value);
        return new SyncNames(count.find() ? Integer.parseInt(count.group(1)) : 1, names);
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /** Whether a commit always waits for {@code name}. */
    boolean alwaysWaitsFor(String name) {
        return count == names.size() && names.contains(name);
    }
}
