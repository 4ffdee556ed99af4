package io.pgnode.gateway.pooler.ini;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a section that names things, and says in pairs what is particular to each. */
final class PairLines {
    private final String section;
    private final Set<String> known;
    private final IniValues values;
    private final Findings findings;

    /**
     * @param known the keys that a pair may have
     */
    PairLines(String section, Set<String> known, IniValues values, Findings findings) {
        this.section = section;
        this.known = known;
        this.values = values;
        this.findings = findings;
    }

    /** Null when the line is no connect string. */
    @Nullable NamedPairs read(String name, IniFile.Entry entry) {
        Map<String, String> pairs = ConnectString.parse(entry.value()).orElse(null);
        if (pairs == null) {
            findings.problem(
                    entry.where(),
                    "not a connect string: " + name,
                    "key=value pairs, values with blanks in single quotes");
            return null;
        }
        for (String key : pairs.keySet()) {
            if (!known.contains(key)) {
                findings.problem(
                        entry.where(),
                        "unrecognized connection parameter: "
                                + key
                                + " of "
                                + name
                                + " in ["
                                + section
                                + "]",
                        NearName.hint(key, known));
            }
        }
        return new NamedPairs(name, entry.where(), pairs, values);
    }
}
