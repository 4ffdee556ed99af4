package io.pgnode.gateway.pooler.ini;

import java.util.Map;
import java.util.Set;

/** Whether all that a file names is known, and whether it has an effect here. */
final class KeyNames {
    private static final Set<String> SECTIONS = Set.of("pgbouncer", "databases", "users", "peers");

    private final String file;
    private final IniFile ini;
    private final Findings findings;

    /**
     * @param file stands for it in problems of no single key
     */
    KeyNames(String file, IniFile ini, Findings findings) {
        this.file = file;
        this.ini = ini;
        this.findings = findings;
    }

    /**
     * @param global the entries of {@code [pgbouncer]}
     * @param values reads them
     */
    void check(Map<String, IniFile.Entry> global, IniValues values) {
        for (String section : ini.sectionNames()) {
            if (!SECTIONS.contains(section)) {
                findings.problem(
                        file,
                        "unknown section [" + section + "]",
                        "known are [databases], [pgbouncer], [users] and [peers]");
            }
        }
        Map<String, IniKey> known = IniKeys.all();
        global.forEach(
                (name, entry) -> {
                    IniKey key = known.get(name);
                    if (key == null) {
                        findings.problem(
                                entry.where(),
                                "unknown parameter: pgbouncer/" + name,
                                NearName.hint(name, known.keySet()));
                    } else if (!key.hasEffect()) {
                        checkUnused(key, entry, values);
                    }
                });
    }

    /** It must be right all the same: somebody else may read the file. */
    private void checkUnused(IniKey key, IniFile.Entry entry, IniValues values) {
        Object value = typed(key.kind(), values, key.name());
        Object usual = typed(key.kind(), new IniValues(file, Map.of(), findings), key.name());
        if (!value.equals(usual)) {
            findings.warning(entry.where(), key.name() + " has no effect here", key.why());
        }
    }

    private static Object typed(IniKey.Kind kind, IniValues from, String name) {
        return switch (kind) {
            case TEXT -> from.text(name);
            case SWITCH -> from.isOn(name);
            case NUMBER -> from.number(name);
            case SECONDS -> from.seconds(name);
            case CHOICE -> from.choice(name);
        };
    }
}
