package io.pgnode.gateway.pooler.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads pgbouncer.ini as a whole: right in every line, or refused with all that is wrong. */
public final class PoolerIniReader {
    private final String file;
    private final IniFile ini;
    private final Map<String, IniFile.Entry> global;
    private final Findings findings = new Findings();
    private final IniValues values;

    private PoolerIniReader(Path file, IniFile ini, Map<String, String> overrides) {
        this.file = file.toString();
        this.ini = ini;
        this.global = new LinkedHashMap<>(ini.section("pgbouncer"));
        overrides.forEach((key, value) -> global.put(key, new IniFile.Entry(value, "SET " + key)));
        findings.problems(ini.problems());
        this.values = new IniValues(this.file, global, findings);
    }

    public static PoolerIni read(Path file) throws IOException, PoolerIni.Wrong {
        return read(file, Map.of());
    }

    /**
     * @param overrides what the console set since the start, by key of {@code [pgbouncer]}
     */
    public static PoolerIni read(Path file, Map<String, String> overrides)
            throws IOException, PoolerIni.Wrong {
        if (!Files.isReadable(file)) {
            throw new PoolerIni.Wrong(
                    List.of(new IniProblem(file.toString(), "cannot be read", "")));
        }
        return new PoolerIniReader(file, IniFile.read(file), overrides).read();
    }

    /**
     * For sections that were read elsewhere.
     *
     * @param name stands for the file in problems of no single key
     */
    public static PoolerIni read(Path name, IniFile ini, Map<String, String> overrides)
            throws PoolerIni.Wrong {
        return new PoolerIniReader(name, ini, overrides).read();
    }

    private PoolerIni read() throws PoolerIni.Wrong {
        new KeyNames(file, ini, findings).check(global, values);
        GlobalKeys keys = new GlobalKeys(values, findings);
        DatabaseSection.Usual usual =
                new DatabaseSection.Usual(
                        values.choice("pool_mode"),
                        keys.sizes(),
                        new AuthKeys(file, values, findings).read(),
                        keys.health(),
                        keys.times());
        PoolerIni result =
                new PoolerIni(
                        inForce(),
                        keys.listening(),
                        usual.sizes(),
                        usual.auth(),
                        usual.health(),
                        usual.times(),
                        new TlsKeys("client", values, findings).read(),
                        new TlsKeys("server", values, findings).read(),
                        keys.logged(),
                        keys.startup(),
                        new DatabaseSection(usual, values, findings).read(ini.section("databases")),
                        new UserSection(values, findings).read(ini.section("users")),
                        new PeerSection(file, values, findings).read(ini.section("peers")),
                        findings.warnings());
        if (!findings.problems().isEmpty()) {
            throw new PoolerIni.Wrong(findings.problems());
        }
        return result;
    }

    private Map<String, String> inForce() {
        Map<String, String> result = new LinkedHashMap<>();
        IniKeys.all().keySet().forEach(name -> result.put(name, values.text(name)));
        return result;
    }
}
