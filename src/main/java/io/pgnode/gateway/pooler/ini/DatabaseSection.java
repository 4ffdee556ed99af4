package io.pgnode.gateway.pooler.ini;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The lines of {@code [databases]}. */
final class DatabaseSection {
    private static final int DEFAULT_PORT = 5432;

    private final PairLines lines;
    private final Findings findings;
    private final Usual usual;

    /** What {@code [pgbouncer]} says for databases that do not say it themselves. */
    record Usual(
            String mode,
            PoolerIni.Sizes sizes,
            PoolerIni.Auth auth,
            PoolerIni.Health health,
            PoolerIni.Times times) {}

    DatabaseSection(Usual usual, IniValues values, Findings findings) {
        this.usual = usual;
        this.findings = findings;
        this.lines = new PairLines("databases", IniKeys.DATABASE_KEYS, values, findings);
    }

    /** By name. */
    Map<String, PoolerIni.Database> read(Map<String, IniFile.Entry> entries) {
        Map<String, PoolerIni.Database> result = new LinkedHashMap<>();
        entries.forEach(
                (name, entry) -> {
                    NamedPairs pairs = lines.read(name, entry);
                    if (name.equals("pgbouncer")) {
                        findings.problem(
                                entry.where(),
                                "database name \"pgbouncer\" is reserved",
                                "it is the console; take another name and dbname=");
                    } else if (pairs != null) {
                        result.put(name, database(pairs));
                    }
                });
        return result;
    }

    private PoolerIni.Database database(NamedPairs pairs) {
        String balance = pairs.text("load_balance_hosts", "round-robin");
        if (!balance.equals("round-robin") && !balance.equals("disable")) {
            findings.wrong(
                    pairs.where(), "load_balance_hosts", balance, "round-robin or disable", "");
        }
        String mode = pairs.mode();
        int reserve =
                pairs.number("reserve_pool_size", "reserve_pool", usual.sizes().reservePoolSize());
        Map<String, String> settings = new LinkedHashMap<>();
        for (String key : List.of("client_encoding", "datestyle", "timezone", "application_name")) {
            String value = pairs.find(key);
            if (value != null) {
                settings.put(key, value);
            }
        }
        return new PoolerIni.Database(
                pairs.name(),
                hosts(pairs.text("host", "")),
                pairs.number("listen_port", "port", DEFAULT_PORT),
                pairs.text("dbname", pairs.name().equals("*") ? "" : pairs.name()),
                pairs.text("user", ""),
                pairs.find("password"),
                pairs.text("auth_user", usual.auth().user()),
                AuthKeys.safe(pairs.text("auth_query", usual.auth().query())),
                pairs.text("auth_dbname", usual.auth().database()),
                pairs.number("default_pool_size", "pool_size", usual.sizes().poolSize()),
                pairs.number("min_pool_size", "min_pool_size", usual.sizes().minPoolSize()),
                pairs.number("reserve_pool_size", "reserve_pool_size", reserve),
                pairs.text("connect_query", ""),
                mode == null ? usual.mode() : mode,
                pairs.seconds("query_wait_timeout", usual.times().queryWait()),
                balance.equals("round-robin"),
                pairs.number(
                        "max_db_connections",
                        "max_db_connections",
                        usual.sizes().maxDatabaseServers()),
                pairs.number(
                        "max_db_client_connections",
                        "max_db_client_connections",
                        usual.sizes().maxDatabaseClients()),
                pairs.seconds("server_lifetime", usual.health().lifetime()),
                settings);
    }

    private static List<String> hosts(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(host -> !host.isEmpty())
                .toList();
    }
}
