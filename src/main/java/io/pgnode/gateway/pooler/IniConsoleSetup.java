package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.console.ConfigLine;
import io.pgnode.gateway.pooler.console.ConsoleSetup;
import io.pgnode.gateway.pooler.ini.IniKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the console knows of a pooler's files, and changes in them. Thread-safe. */
final class IniConsoleSetup implements ConsoleSetup {
    private final Path file;
    private final StandalonePooler pooler;
    private final Runnable exit;

    IniConsoleSetup(Path file, StandalonePooler pooler, Runnable exit) {
        this.file = file;
        this.pooler = pooler;
        this.exit = exit;
    }

    @Override
    public boolean isAdmin(String user) {
        return pooler.ini().auth().admins().contains(user);
    }

    @Override
    public boolean isStatsUser(String user) {
        return pooler.ini().auth().statisticians().contains(user);
    }

    @Override
    public List<ConfigLine> config() {
        Map<String, String> values = pooler.ini().values();
        List<ConfigLine> lines = new ArrayList<>();
        IniKeys.all()
                .forEach(
                        (name, key) ->
                                lines.add(
                                        new ConfigLine(
                                                name,
                                                name.equals("conffile")
                                                        ? file.toString()
                                                        : values.getOrDefault(name, key.usual()),
                                                key.usual(),
                                                !key.needsRestart())));
        return lines;
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
    public void exit() {
        pooler.end();
    }
}
