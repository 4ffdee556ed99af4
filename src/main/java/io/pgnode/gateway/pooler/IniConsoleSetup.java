package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.console.ConfigLine;
import io.pgnode.gateway.pooler.console.ConsoleSetup;
import io.pgnode.gateway.pooler.ini.IniFile;
import io.pgnode.gateway.pooler.ini.IniProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the console knows of an ini file. Thread-safe. */
final class IniConsoleSetup implements ConsoleSetup {
    private static final long MILLIS_OF_SECOND = 1_000;

    /** Defaults of the keys that exporters ask for; the others are shown when the file has them. */
    private static final Map<String, String> DEFAULTS =
            Map.ofEntries(
                    Map.entry("admin_users", ""),
                    Map.entry("auth_type", "md5"),
                    Map.entry("default_pool_size", "20"),
                    Map.entry("listen_addr", ""),
                    Map.entry("listen_port", "6432"),
                    Map.entry("max_client_conn", "100"),
                    Map.entry("max_db_connections", "0"),
                    Map.entry("max_prepared_statements", "200"),
                    Map.entry("max_user_connections", "0"),
                    Map.entry("min_pool_size", "0"),
                    Map.entry("pool_mode", "session"),
                    Map.entry("query_wait_timeout", "120"),
                    Map.entry("reserve_pool_size", "0"),
                    Map.entry("reserve_pool_timeout", "5"),
                    Map.entry("server_idle_timeout", "600"),
                    Map.entry("server_lifetime", "3600"),
                    Map.entry("server_reset_query", "DISCARD ALL"),
                    Map.entry("stats_period", "60"),
                    Map.entry("stats_users", ""),
                    Map.entry("unix_socket_dir", "/tmp"));

    private static final Set<String> FIXED =
            Set.of("listen_addr", "listen_port", "unix_socket_dir", "pidfile", "job_name", "user");

    private final Path file;
    private final IniFile ini;
    private final Runnable exit;

    IniConsoleSetup(Path file, IniFile ini, Runnable exit) {
        this.file = file;
        this.ini = ini;
        this.exit = exit;
    }

    private String value(String key) {
        IniFile.Entry entry = ini.section("pgbouncer").get(key);
        return entry == null ? DEFAULTS.getOrDefault(key, "") : entry.value();
    }

    private Set<String> names(String key) {
        return Arrays.stream(value(key).split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    /** Where everybody is whoever he wants to be, everybody is an admin, as in PgBouncer. */
    @Override
    public boolean isAdmin(String user) {
        return value("auth_type").equals("any") || names("admin_users").contains(user);
    }

    @Override
    public boolean isStatsUser(String user) {
        return names("stats_users").contains(user);
    }

    @Override
    public List<ConfigLine> config() {
        TreeMap<String, String> values = new TreeMap<>(DEFAULTS);
        ini.section("pgbouncer").forEach((key, entry) -> values.put(key, entry.value()));
        values.put("conffile", file.toString());
        List<ConfigLine> lines = new ArrayList<>();
        values.forEach(
                (key, value) ->
                        lines.add(
                                new ConfigLine(
                                        key, value, DEFAULTS.get(key), !FIXED.contains(key))));
        return lines;
    }

    @Override
    public List<String> reload() {
        try {
            return IniFile.read(file).problems().stream().map(IniProblem::toString).toList();
        } catch (IOException e) {
            return List.of("cannot read " + file + ": " + e.getMessage());
        }
    }

    @Override
    public List<String> set(String key, String value) {
        return List.of(
                DEFAULTS.containsKey(key)
                        ? key + " cannot be changed while the pooler runs"
                        : "no such setting: " + key);
    }

    @Override
    public long statsPeriodMillis() {
        try {
            return (long) (Double.parseDouble(value("stats_period")) * MILLIS_OF_SECOND);
        } catch (NumberFormatException e) {
            return 60 * MILLIS_OF_SECOND;
        }
    }

    @Override
    public void exit() {
        exit.run();
    }
}
