package io.pgnode.gateway.pooler.ini;

import java.util.LinkedHashMap;
import java.util.Map;

/** The lines of {@code [users]}. */
final class UserSection {
    private final PairLines lines;

    UserSection(IniValues values, Findings findings) {
        this.lines = new PairLines("users", IniKeys.USER_KEYS, values, findings);
    }

    /** By name. */
    Map<String, PoolerIni.User> read(Map<String, IniFile.Entry> entries) {
        Map<String, PoolerIni.User> result = new LinkedHashMap<>();
        entries.forEach(
                (name, entry) -> {
                    NamedPairs pairs = lines.read(name, entry);
                    if (pairs != null) {
                        result.put(name, user(pairs));
                    }
                });
        return result;
    }

    private static PoolerIni.User user(NamedPairs pairs) {
        return new PoolerIni.User(
                pairs.name(),
                pairs.number("default_pool_size", "pool_size"),
                pairs.number("reserve_pool_size", "reserve_pool_size"),
                pairs.mode(),
                pairs.number("max_user_connections", "max_user_connections"),
                pairs.number("max_user_client_connections", "max_user_client_connections"),
                pairs.seconds("query_timeout"),
                pairs.seconds("query_wait_timeout"),
                pairs.seconds("idle_transaction_timeout"),
                pairs.seconds("transaction_timeout"),
                pairs.seconds("client_idle_timeout"));
    }
}
