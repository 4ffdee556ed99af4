package io.pgnode.gateway.pooler.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads pgbouncer.ini as a whole: right in every line, or refused with all that is wrong. */
public final class PoolerIniReader {
    private static final Set<String> SECTIONS = Set.of("pgbouncer", "databases", "users", "peers");
    private static final int DEFAULT_PORT = 5432;

    private final Path file;
    private final IniFile ini;
    private final List<IniProblem> problems = new ArrayList<>();
    private final List<IniProblem> warnings = new ArrayList<>();
    private final Map<String, IniFile.Entry> global;
    private final IniValues values;
    private String usualMode = "";

    private PoolerIniReader(Path file, IniFile ini, Map<String, String> overrides) {
        this.file = file;
        this.ini = ini;
        this.global = new LinkedHashMap<>(ini.section("pgbouncer"));
        overrides.forEach((key, value) -> global.put(key, new IniFile.Entry(value, "SET " + key)));
        problems.addAll(ini.problems());
        this.values = new IniValues(global, problems);
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

    private PoolerIni read() throws PoolerIni.Wrong {
        checkNames();
        usualMode = values.choice("pool_mode");
        PoolerIni.Sizes sizes = sizes();
        PoolerIni.Auth auth = auth();
        PoolerIni.Health health = health();
        PoolerIni.Times times = times();
        PoolerIni result =
                new PoolerIni(
                        inForce(),
                        listening(),
                        sizes,
                        auth,
                        health,
                        times,
                        tls("client"),
                        tls("server"),
                        logged(),
                        startup(),
                        databases(sizes, auth, health, times),
                        users(),
                        peers(),
                        warnings);
        if (!problems.isEmpty()) {
            throw new PoolerIni.Wrong(problems);
        }
        return result;
    }

    private void checkNames() {
        for (String section : ini.sectionNames()) {
            if (!SECTIONS.contains(section)) {
                problems.add(
                        new IniProblem(
                                file.toString(),
                                "unknown section [" + section + "]",
                                "known are [databases], [pgbouncer], [users] and [peers]"));
            }
        }
        Map<String, IniKey> known = IniKeys.all();
        global.forEach(
                (name, entry) -> {
                    IniKey key = known.get(name);
                    if (key == null) {
                        problems.add(
                                new IniProblem(
                                        entry.where(),
                                        "unknown parameter: pgbouncer/" + name,
                                        nearest(name, known.keySet())));
                    } else if (!key.hasEffect()) {
                        checkUnused(key, entry);
                    }
                });
    }

    /** It must be right all the same: somebody else may read the file. */
    private void checkUnused(IniKey key, IniFile.Entry entry) {
        Object value = typed(key.kind(), values, key.name());
        Object usual = typed(key.kind(), new IniValues(Map.of(), problems), key.name());
        if (!value.equals(usual)) {
            warnings.add(
                    new IniProblem(entry.where(), key.name() + " has no effect here", key.why()));
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

    /** A hint with the known name that differs least; empty when none is near. */
    static String nearest(String name, Set<String> known) {
        String best = "";
        int least = 4;
        for (String candidate : known) {
            int distance = distance(name, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best.isEmpty() ? "" : "did you mean " + best + "?";
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }

    private Map<String, String> inForce() {
        Map<String, String> result = new LinkedHashMap<>();
        IniKeys.all().keySet().forEach(name -> result.put(name, values.text(name)));
        return result;
    }

    // ---------------------------------------------------------------- [pgbouncer]

    private PoolerIni.Listening listening() {
        return new PoolerIni.Listening(
                values.list("listen_addr"),
                values.number("listen_port"),
                values.text("unix_socket_dir"),
                socketMode(),
                values.text("pidfile"),
                values.text("user"),
                values.number("max_packet_size"),
                values.isOn("so_reuseport"));
    }

    private int socketMode() {
        String text = values.text("unix_socket_mode");
        if (!text.matches("[0-7]{3,4}")) {
            IniFile.Entry entry = global.get("unix_socket_mode");
            values.wrong(
                    entry == null ? file.toString() : entry.where(),
                    "unix_socket_mode",
                    text,
                    "an octal mode as 0777",
                    "");
            return 0;
        }
        return Integer.parseInt(text, 8);
    }

    private PoolerIni.Sizes sizes() {
        return new PoolerIni.Sizes(
                values.number("max_client_conn"),
                values.number("default_pool_size"),
                values.number("min_pool_size"),
                values.number("reserve_pool_size"),
                values.seconds("reserve_pool_timeout"),
                values.number("max_db_connections"),
                values.number("max_db_client_connections"),
                values.number("max_user_connections"),
                values.number("max_user_client_connections"),
                values.number("max_prepared_statements"));
    }

    private PoolerIni.Auth auth() {
        String type = values.choice("auth_type");
        if (type.equals("ldap") || type.equals("pam")) {
            IniFile.Entry entry = global.get("auth_type");
            problems.add(
                    new IniProblem(
                            entry == null ? file.toString() : entry.where(),
                            "auth_type " + type + " is not supported",
                            "use scram-sha-256, cert, or hba"));
        }
        if (type.equals("hba") && values.text("auth_hba_file").isEmpty()) {
            problems.add(
                    new IniProblem(
                            file.toString(),
                            "auth_type is hba, but there is no auth_hba_file",
                            ""));
        }
        return new PoolerIni.Auth(
                type,
                values.text("auth_file"),
                values.text("auth_hba_file"),
                values.text("auth_ident_file"),
                safe(values.text("auth_query")),
                values.text("auth_user"),
                values.text("auth_dbname"),
                values.number("scram_iterations"),
                values.text("login_notify_message"),
                values.list("admin_users"),
                values.list("stats_users"));
    }

    /**
     * The query that was PgBouncer's default before it heeded VALID UNTIL, and that many files
     * repeat, becomes the one that does.
     */
    private static String safe(String query) {
        String plain = query.strip().toLowerCase(java.util.Locale.ROOT).replaceAll("\\s+", " ");
        return plain.isEmpty()
                        || plain.equals("select usename, passwd from pg_shadow where usename=$1")
                        || plain.equals("select usename, passwd from pg_shadow where usename = $1")
                ? IniKeys.DEFAULT_AUTH_QUERY
                : query;
    }

    private PoolerIni.Health health() {
        return new PoolerIni.Health(
                values.text("server_reset_query"),
                values.isOn("server_reset_query_always"),
                values.seconds("server_check_delay"),
                values.text("server_check_query"),
                values.seconds("server_lifetime"),
                values.seconds("server_idle_timeout"),
                values.seconds("server_connect_timeout"),
                values.isOn("server_fast_close"),
                values.seconds("pool_idle_timeout"),
                values.seconds("autodb_idle_timeout"),
                values.seconds("dns_max_ttl"));
    }

    private PoolerIni.Times times() {
        return new PoolerIni.Times(
                values.seconds("client_login_timeout"),
                values.seconds("client_idle_timeout"),
                values.seconds("idle_transaction_timeout"),
                values.seconds("transaction_timeout"),
                values.seconds("query_timeout"),
                values.seconds("query_wait_timeout"),
                values.seconds("query_wait_notify"),
                values.seconds("cancel_wait_timeout"));
    }

    private PoolerIni.Tls tls(String side) {
        String mode = values.choice(side + "_tls_sslmode");
        String key = values.text(side + "_tls_key_file");
        String certificate = values.text(side + "_tls_cert_file");
        String authority = values.text(side + "_tls_ca_file");
        IniFile.Entry entry = global.get(side + "_tls_sslmode");
        String where = entry == null ? file.toString() : entry.where();
        boolean isOn = !mode.equals("disable");
        if (side.equals("client") && isOn && (key.isEmpty() || certificate.isEmpty())) {
            problems.add(
                    new IniProblem(
                            where,
                            "client_tls_sslmode is "
                                    + mode
                                    + ", but client_tls_key_file or client_tls_cert_file is missing",
                            ""));
        }
        if (mode.startsWith("verify") && authority.isEmpty()) {
            problems.add(
                    new IniProblem(
                            where,
                            side
                                    + "_tls_sslmode is "
                                    + mode
                                    + ", but there is no "
                                    + side
                                    + "_tls_ca_file",
                            "name the file of the certificates to trust"));
        }
        return new PoolerIni.Tls(mode, key, certificate, authority, protocols(side), ciphers(side));
    }

    private List<String> protocols(String side) {
        String name = side + "_tls_protocols";
        List<String> result = new ArrayList<>();
        for (String word : values.text(name).split("[,:\\s]+", -1)) {
            switch (word) {
                case "", "secure", "default", "all", "legacy" ->
                        result.addAll(List.of("TLSv1.3", "TLSv1.2"));
                case "tlsv1.3" -> result.add("TLSv1.3");
                case "tlsv1.2" -> result.add("TLSv1.2");
                case "tlsv1.0", "tlsv1.1" ->
                        warnings.add(
                                new IniProblem(
                                        where(name), word + " is too weak and is not spoken", ""));
                default ->
                        values.wrong(
                                where(name), name, word, "secure, all, tlsv1.2 or tlsv1.3", "");
            }
        }
        if (result.isEmpty()) {
            result.add("TLSv1.2");
        }
        return result.stream().distinct().toList();
    }

    private List<String> ciphers(String side) {
        List<String> result = new ArrayList<>();
        for (String name : List.of(side + "_tls_ciphers", side + "_tls13_ciphers")) {
            String text = values.text(name);
            if (text.isEmpty()
                    || Set.of("default", "secure", "normal", "fast", "all").contains(text)) {
                continue;
            }
            List<String> names =
                    Arrays.stream(text.split("[:,\\s]+", -1)).filter(n -> !n.isEmpty()).toList();
            if (names.stream().allMatch(cipher -> cipher.startsWith("TLS_"))) {
                result.addAll(names);
            } else {
                warnings.add(
                        new IniProblem(
                                where(name),
                                name + " has no effect: it is a list in OpenSSL's language",
                                "name ciphers as TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
            }
        }
        return result;
    }

    private String where(String name) {
        IniFile.Entry entry = global.get(name);
        return entry == null ? file.toString() : entry.where();
    }

    private PoolerIni.Logged logged() {
        return new PoolerIni.Logged(
                values.text("logfile"),
                values.isOn("log_connections"),
                values.isOn("log_disconnections"),
                values.isOn("log_pooler_errors"),
                values.isOn("log_stats"),
                values.seconds("stats_period"),
                values.number("verbose"));
    }

    private PoolerIni.Startup startup() {
        TreeSet<String> ignored = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        ignored.addAll(values.list("ignore_startup_parameters"));
        TreeSet<String> tracked = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        tracked.addAll(values.list("track_extra_parameters"));
        return new PoolerIni.Startup(ignored, tracked, values.isOn("application_name_add_host"));
    }

    // ---------------------------------------------------------------- the other sections

    private Map<String, PoolerIni.Database> databases(
            PoolerIni.Sizes sizes,
            PoolerIni.Auth auth,
            PoolerIni.Health health,
            PoolerIni.Times times) {
        Map<String, PoolerIni.Database> result = new LinkedHashMap<>();
        ini.section("databases")
                .forEach(
                        (name, entry) -> {
                            Map<String, String> parts =
                                    parts(name, entry, IniKeys.DATABASE_KEYS, "databases");
                            if (name.equals("pgbouncer")) {
                                problems.add(
                                        new IniProblem(
                                                entry.where(),
                                                "database name \"pgbouncer\" is reserved",
                                                "it is the console; take another name and dbname="));
                            } else if (parts != null) {
                                result.put(
                                        name,
                                        database(
                                                new Parts(name, parts, entry.where()),
                                                sizes,
                                                auth,
                                                health,
                                                times));
                            }
                        });
        return result;
    }

    /** Null when the line is no connect string. */
    private @Nullable Map<String, String> parts(
            String name, IniFile.Entry entry, Set<String> known, String section) {
        Map<String, String> parts = ConnectString.parse(entry.value()).orElse(null);
        if (parts == null) {
            problems.add(
                    new IniProblem(
                            entry.where(),
                            "not a connect string: " + name,
                            "key=value pairs, values with blanks in single quotes"));
            return null;
        }
        for (String key : parts.keySet()) {
            if (!known.contains(key)) {
                problems.add(
                        new IniProblem(
                                entry.where(),
                                "unrecognized connection parameter: "
                                        + key
                                        + " of "
                                        + name
                                        + " in ["
                                        + section
                                        + "]",
                                nearest(key, known)));
            }
        }
        return parts;
    }

    /** The pairs of one line, read as what the global keys of like names must be. */
    private final class Parts {
        final String name;
        final String where;
        private final Map<String, String> parts;

        Parts(String name, Map<String, String> parts, String where) {
            this.name = name;
            this.parts = parts;
            this.where = where;
        }

        String text(String key, String usual) {
            return parts.getOrDefault(key, usual);
        }

        @Nullable String find(String key) {
            return parts.get(key);
        }

        int number(String like, String key, int usual) {
            return values.number(like, key, parts.get(key), where, usual);
        }

        @Nullable Integer number(String like, String key) {
            return parts.containsKey(key) ? number(like, key, 0) : null;
        }

        Duration seconds(String key, Duration usual) {
            return values.seconds(key, key, parts.get(key), where, usual);
        }

        @Nullable Duration seconds(String key) {
            return parts.containsKey(key) ? seconds(key, Duration.ZERO) : null;
        }

        @Nullable String mode() {
            String value = parts.get("pool_mode");
            return value == null ? null : values.choice("pool_mode", value, where);
        }
    }

    private PoolerIni.Database database(
            Parts parts,
            PoolerIni.Sizes sizes,
            PoolerIni.Auth auth,
            PoolerIni.Health health,
            PoolerIni.Times times) {
        String balance = parts.text("load_balance_hosts", "round-robin");
        if (!balance.equals("round-robin") && !balance.equals("disable")) {
            values.wrong(parts.where, "load_balance_hosts", balance, "round-robin or disable", "");
        }
        String mode = parts.mode();
        int reserve = parts.number("reserve_pool_size", "reserve_pool", sizes.reservePoolSize());
        Map<String, String> settings = new LinkedHashMap<>();
        for (String key : List.of("client_encoding", "datestyle", "timezone", "application_name")) {
            String value = parts.find(key);
            if (value != null) {
                settings.put(key, value);
            }
        }
        return new PoolerIni.Database(
                parts.name,
                hosts(parts.text("host", "")),
                parts.number("listen_port", "port", DEFAULT_PORT),
                parts.text("dbname", parts.name.equals("*") ? "" : parts.name),
                parts.text("user", ""),
                parts.find("password"),
                parts.text("auth_user", auth.user()),
                safe(parts.text("auth_query", auth.query())),
                parts.text("auth_dbname", auth.database()),
                parts.number("default_pool_size", "pool_size", sizes.poolSize()),
                parts.number("min_pool_size", "min_pool_size", sizes.minPoolSize()),
                parts.number("reserve_pool_size", "reserve_pool_size", reserve),
                parts.text("connect_query", ""),
                mode == null ? usualMode : mode,
                parts.seconds("query_wait_timeout", times.queryWait()),
                balance.equals("round-robin"),
                parts.number(
                        "max_db_connections", "max_db_connections", sizes.maxDatabaseServers()),
                parts.number(
                        "max_db_client_connections",
                        "max_db_client_connections",
                        sizes.maxDatabaseClients()),
                parts.seconds("server_lifetime", health.lifetime()),
                settings);
    }

    private static List<String> hosts(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(host -> !host.isEmpty())
                .toList();
    }

    private Map<String, PoolerIni.User> users() {
        Map<String, PoolerIni.User> result = new LinkedHashMap<>();
        ini.section("users")
                .forEach(
                        (name, entry) -> {
                            Map<String, String> parts =
                                    parts(name, entry, IniKeys.USER_KEYS, "users");
                            if (parts != null) {
                                result.put(name, user(new Parts(name, parts, entry.where())));
                            }
                        });
        return result;
    }

    private static PoolerIni.User user(Parts parts) {
        return new PoolerIni.User(
                parts.name,
                parts.number("default_pool_size", "pool_size"),
                parts.number("reserve_pool_size", "reserve_pool_size"),
                parts.mode(),
                parts.number("max_user_connections", "max_user_connections"),
                parts.number("max_user_client_connections", "max_user_client_connections"),
                parts.seconds("query_timeout"),
                parts.seconds("query_wait_timeout"),
                parts.seconds("idle_transaction_timeout"),
                parts.seconds("transaction_timeout"),
                parts.seconds("client_idle_timeout"));
    }

    private Map<Integer, PoolerIni.Peer> peers() {
        Map<Integer, PoolerIni.Peer> result = new LinkedHashMap<>();
        ini.section("peers")
                .forEach(
                        (name, entry) -> {
                            Map<String, String> pairs =
                                    parts(name, entry, IniKeys.PEER_KEYS, "peers");
                            int id = values.number("peer_id", "peer", name, entry.where(), 0);
                            if (pairs != null && id > 0) {
                                Parts parts = new Parts(name, pairs, entry.where());
                                result.put(
                                        id,
                                        new PoolerIni.Peer(
                                                id,
                                                parts.text("host", ""),
                                                parts.number("listen_port", "port", 6432),
                                                parts.number("default_pool_size", "pool_size", 1)));
                            }
                        });
        if (!result.isEmpty()) {
            warnings.add(
                    new IniProblem(
                            file.toString(),
                            "[peers] has no effect here",
                            "one process serves all cores, so that cancel requests find it"));
        }
        return result;
    }
}
