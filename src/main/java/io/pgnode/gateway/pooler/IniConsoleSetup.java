package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.console.ConfigLine;
import io.pgnode.gateway.pooler.console.ConsoleSetup;
import io.pgnode.gateway.pooler.ini.IniKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the console knows of a pooler's files, and changes in them. Thread-safe. */
final class IniConsoleSetup implements ConsoleSetup {
    private final StandalonePooler pooler;

    IniConsoleSetup(StandalonePooler pooler) {
        this.pooler = pooler;
    }

    @Override
    public List<ConfigLine> config() {
        Map<String, String> values = new HashMap<>(pooler.ini().values());
        values.put("conffile", pooler.file().toString());
        return lines(values);
    }

    /** All keys of {@code [pgbouncer]}, in their order, with these values. */
    static List<ConfigLine> lines(Map<String, String> values) {
        TreeMap<String, ConfigLine> lines = new TreeMap<>();
        IniKeys.all()
                .forEach(
                        (name, key) ->
                                lines.put(
                                        name,
                                        new ConfigLine(
                                                name,
                                                values.get(name),
                                                key.usual(),
                                                !key.needsRestart())));
        return List.copyOf(lines.values());
    }

    @Override
    public List<String> reload() {
        return pooler.reload();
    }

    @Override
    public List<String> set(String key, String value) {
        return pooler.set(key, value);
    }

    @Override
    public long statsPeriodMillis() {
        return pooler.ini().logged().period().toMillis();
    }

    @Override
    public boolean areStatisticsLogged() {
        return pooler.ini().logged().statistics();
    }

    @Override
    public void exit() {
        pooler.end();
    }
}
