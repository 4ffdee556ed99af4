package io.pgnode.gateway.pooler;

import io.pgnode.config.Passwords;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.PoolerConfig;
import io.pgnode.config.Secret;
import io.pgnode.gateway.pooler.ini.IniFile;
import io.pgnode.gateway.pooler.ini.IniKey;
import io.pgnode.gateway.pooler.ini.IniKeys;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.NearName;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.gateway.pooler.ini.PoolerIniReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the configuration says of the pooler, in PgBouncer's terms. A problem's place is the key it
 * is about, with a line after a colon for the lines of {@code pooler.hba}.
 */
final class NodeSettings {
    private static final Path NAME = Path.of("/etc/pgnode/pgnode.yml");
    private static final Duration ROLES_LIMIT = Duration.ofSeconds(3);

    /** As Pigsty sets PgBouncer up. */
    private static final Map<String, String> USUAL =
            Map.ofEntries(
                    Map.entry("pool_mode", "transaction"),
                    Map.entry("max_client_conn", "20000"),
                    Map.entry("default_pool_size", "50"),
                    Map.entry("reserve_pool_size", "30"),
                    Map.entry("reserve_pool_timeout", "1"),
                    Map.entry("max_db_connections", "100"),
                    Map.entry("max_user_connections", "100"),
                    Map.entry("server_lifetime", "600"),
                    Map.entry("max_prepared_statements", "256"),
                    Map.entry("log_connections", "0"),
                    Map.entry("log_disconnections", "0"),
                    Map.entry("ignore_startup_parameters", "extra_float_digits"));

    /** Keys that another part of the configuration stands for, and which. */
    private static final Map<String, String> NOT_HERE =
            Map.ofEntries(
                    Map.entry("listen_addr", "pooler.listen says where it listens"),
                    Map.entry("listen_port", "pooler.port says where it listens"),
                    Map.entry("auth_type", "write methods into pooler.hba"),
                    Map.entry("auth_hba_file", "use pooler.hba-file or pooler.hba"),
                    Map.entry("auth_user", "roles are read from the PostgreSQL of this node"),
                    Map.entry("auth_query", "roles are read from the PostgreSQL of this node"),
                    Map.entry("auth_dbname", "roles are read from the PostgreSQL of this node"),
                    Map.entry("logfile", "use log.file"),
                    Map.entry("syslog", "use log"),
                    Map.entry("syslog_facility", "use log"),
                    Map.entry("syslog_ident", "use log"),
                    Map.entry("verbose", "use log.level"),
                    Map.entry("pidfile", "the process is started by pgnode run"),
                    Map.entry("user", "the process runs as the user that started it"),
                    Map.entry("conffile", "this is the file"),
                    Map.entry("job_name", "leave it away"),
                    Map.entry("service_name", "leave it away"),
                    Map.entry("so_reuseport", "one process uses all cores"),
                    Map.entry("peer_id", "one process uses all cores"));

    private final PgnodeConfig config;
    private final List<IniProblem> problems = new ArrayList<>();

    private NodeSettings(PgnodeConfig config) {
        this.config = config;
    }

    /** What was read. */
    record Read(PoolerIni ini, SetupReader.Own own) {
        PoolerSetup setup(SetupReader.Means means) throws PoolerIni.Wrong {
            return SetupReader.read(NAME, ini, own, means);
        }
    }

    /**
     * @param overrides what the console set since the start, by key of {@code [pgbouncer]}
     */
    static Read read(PgnodeConfig config, Map<String, String> overrides) throws PoolerIni.Wrong {
        return new NodeSettings(config).read(overrides);
    }

    /** All that is wrong; warnings are not among it. */
    static List<IniProblem> problems(PgnodeConfig config) {
        try {
            Read read = read(config, Map.of());
            return SetupReader.problems(NAME, read.ini(), read.own());
        } catch (PoolerIni.Wrong e) {
            return e.problems();
        }
    }

    private Read read(Map<String, String> overrides) throws PoolerIni.Wrong {
        Map<String, Map<String, IniFile.Entry>> sections = new LinkedHashMap<>();
        sections.put("pgbouncer", settings());
        sections.put("databases", databases());
        sections.put("users", lines("pooler.users.", config.pooler().users()));
        PoolerIni ini = null;
        try {
            ini = PoolerIniReader.read(NAME, IniFile.of(sections), overrides);
        } catch (PoolerIni.Wrong e) {
            problems.addAll(e.problems());
        }
        Target roles = roles();
        if (ini == null || !problems.isEmpty()) {
            throw new PoolerIni.Wrong(problems);
        }
        return new Read(ini, new SetupReader.Own(hba(), roles, config.gateway().failoverTimeout()));
    }

    private Map<String, IniFile.Entry> settings() {
        PoolerConfig pooler = config.pooler();
        String superuser = config.postgresql().superuser().username();
        Map<String, IniFile.Entry> result = new LinkedHashMap<>();
        USUAL.forEach((key, value) -> result.put(key, new IniFile.Entry(value, "")));
        put(result, "auth_type", "hba", "");
        put(result, "admin_users", superuser, "");
        put(result, "stats_users", superuser, "");
        put(result, "unix_socket_dir", config.postgresql().socketDir().toString(), "");
        Map<String, IniKey> known = IniKeys.all();
        new TreeMap<>(pooler.settings())
                .forEach(
                        (key, value) -> {
                            if (check(key, value, known)) {
                                put(result, key, value, "pooler.settings." + key);
                            }
                        });
        put(result, "listen_addr", pooler.listen(), "pooler.listen");
        put(result, "listen_port", Integer.toString(pooler.port()), "pooler.port");
        put(
                result,
                "auth_hba_file",
                pooler.hbaFile().map(Path::toString).orElse("pooler.hba"),
                "pooler.hba-file");
        return result;
    }

    private static void put(
            Map<String, IniFile.Entry> into, String key, String value, String where) {
        into.put(key, new IniFile.Entry(value, where));
    }

    private boolean check(String key, String value, Map<String, IniKey> known) {
        String where = "pooler.settings." + key;
        String instead = NOT_HERE.get(key);
        if (instead != null) {
            problems.add(new IniProblem(where, where + " has no effect here", instead));
            return false;
        }
        if (!known.containsKey(key)) {
            problems.add(
                    new IniProblem(
                            where,
                            "pooler.settings has \"" + key + "\", which PgBouncer does not know",
                            NearName.hint(key, known.keySet())));
            return false;
        }
        if (key.endsWith("_file") && !value.isEmpty() && !value.startsWith("/")) {
            problems.add(
                    new IniProblem(
                            where, where + " is " + value + ", must be an absolute path", ""));
            return false;
        }
        return true;
    }

    /** Each of them on this node's PostgreSQL unless it says otherwise, and any other one. */
    private Map<String, IniFile.Entry> databases() {
        Map<String, Map<String, String>> wanted = new TreeMap<>();
        wanted.put("*", Map.of());
        wanted.putAll(config.pooler().databases());
        Map<String, Map<String, String>> complete = new TreeMap<>();
        wanted.forEach(
                (name, keys) -> {
                    Map<String, String> all = new LinkedHashMap<>();
                    all.put("host", config.postgresql().socketDir().toString());
                    all.put("port", Integer.toString(config.postgresql().port()));
                    if (keys.containsKey("host")) {
                        all.remove("port");
                    }
                    all.putAll(keys);
                    complete.put(name, all);
                });
        return lines("pooler.databases.", complete);
    }

    private static Map<String, IniFile.Entry> lines(
            String at, Map<String, Map<String, String>> named) {
        Map<String, IniFile.Entry> result = new LinkedHashMap<>();
        new TreeMap<>(named)
                .forEach(
                        (name, keys) -> {
                            StringBuilder line = new StringBuilder();
                            new TreeMap<>(keys)
                                    .forEach(
                                            (key, value) ->
                                                    line.append(key)
                                                            .append("='")
                                                            .append(value.replace("'", "''"))
                                                            .append("' "));
                            result.put(name, new IniFile.Entry(line.toString(), at + name));
                        });
        return result;
    }

    /** Our own lines are as Pigsty's: passwords from everywhere, the operator on the spot. */
    private List<String> hba() {
        if (config.pooler().hbaFile().isPresent()) {
            return List.of();
        }
        String superuser = config.postgresql().superuser().username();
        return config.pooler()
                .hba()
                .filter(lines -> !lines.isEmpty())
                .orElseGet(
                        () ->
                                List.of(
                                        "local all \"" + superuser + "\" peer",
                                        "local all all scram-sha-256",
                                        "host all all all scram-sha-256"));
    }

    private Target roles() {
        ServerAddresses socket =
                new ServerAddresses(
                        List.of(config.postgresql().socketDir().toString()),
                        config.postgresql().port(),
                        false);
        socket.refresh();
        ServerSecret secret = new ServerSecret.None();
        try {
            secret =
                    Passwords.read(config.postgresql().superuser())
                            .map(Secret::reveal)
                            .<ServerSecret>map(ServerSecret.Plain::new)
                            .orElse(secret);
        } catch (IOException e) {
            problems.add(
                    new IniProblem(
                            "postgresql.superuser.password-file",
                            String.valueOf(e.getMessage()),
                            "the pooler reads roles as the superuser"));
        }
        return new Target(
                socket,
                ServerTls.NONE,
                "postgres",
                config.postgresql().superuser().username(),
                secret,
                Map.of("application_name", "pgnode"),
                "",
                ROLES_LIMIT,
                false,
                false);
    }
}
