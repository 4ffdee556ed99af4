package io.pgnode.config;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Explains a key that is not there: renamed, retired, or misspelt. */
final class UnknownKeys {
    private UnknownKeys() {}

    static void report(
            Findings findings, String section, String name, Schema.Section known, Origin where) {
        String key = Schema.join(section, Names.quoted(name));
        String kebab = name.replace('_', '-').toLowerCase(Locale.ROOT);
        Optional<String> explanation = RenamedKeys.explain(Schema.join(section, name));
        if (explanation.isPresent()) {
            findings.unreadable(key, where, "unknown key " + key, explanation.get());
        } else if (known.children().containsKey(kebab)) {
            findings.unreadable(
                    key,
                    where,
                    "unknown key " + key,
                    "it is spelt " + Schema.join(section, kebab) + " here");
        } else {
            findings.unreadable(key, where, "unknown key " + key, nearest(section, kebab, known));
        }
    }

    /** The nearest key of the section, or of all sections when none is near. */
    private static String nearest(String section, String name, Schema.Section known) {
        int near = Math.max(1, name.length() / 3);
        Optional<String> sibling =
                known.children().keySet().stream()
                        .min(Comparator.comparingInt(child -> Names.distance(name, child)))
                        .filter(child -> Names.distance(name, child) <= near)
                        .map(child -> Schema.join(section, child));
        return sibling.or(() -> elsewhere(name))
                .map(keys -> "did you mean " + keys + "?")
                .orElseGet(
                        () -> "known keys here: " + String.join(", ", known.children().keySet()));
    }

    /** The keys of that name in other sections. */
    private static Optional<String> elsewhere(String name) {
        return Schema.leaves().keySet().stream()
                .filter(key -> key.endsWith("." + name))
                .limit(3)
                .reduce((first, second) -> first + " or " + second);
    }
}
