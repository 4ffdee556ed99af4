package io.pgnode.gateway.pooler.core;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The run-time parameters of a session that must follow a client from server to server: what the
 * server reports, and what the client asked for at its login. Confined to one thread.
 */
public final class SessionSettings {
    /**
     * Lists whose elements are quoted one by one: {@code SET} would take the text as one element.
     */
    private static final Set<String> QUOTED_LISTS =
            Set.of(
                    "search_path",
                    "temp_tablespaces",
                    "local_preload_libraries",
                    "session_preload_libraries");

    /** Reported by the server, and not to be set by anybody. */
    private static final Set<String> FIXED =
            Set.of(
                    "server_version",
                    "server_encoding",
                    "is_superuser",
                    "session_authorization",
                    "integer_datetimes",
                    "in_hot_standby",
                    "default_transaction_read_only",
                    "scram_iterations");

    private TreeMap<String, String> values = new TreeMap<>();
    private int fingerprint;

    /** Others use the same map: it is copied before it changes. */
    private boolean isShared;

    /** Whether a value of this name is restored on another server. */
    public static boolean isFixed(String name) {
        return FIXED.contains(key(name));
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Sets a value; fixed names are ignored. True when that changed something. */
    public boolean put(String name, String value) {
        String key = key(name);
        if (FIXED.contains(key)) {
            return false;
        }
        String old = values.get(key);
        if (value.equals(old)) {
            return false;
        }
        if (isShared) {
            values = new TreeMap<>(values);
            isShared = false;
        }
        values.put(key, value);
        fingerprint += hash(key, value) - (old == null ? 0 : hash(key, old));
        return true;
    }

    private static int hash(String key, String value) {
        return key.hashCode() * 31 + value.hashCode();
    }

    /** Equal for equal settings. */
    public int fingerprint() {
        return fingerprint;
    }

    /** A view, by name in lower case. */
    public Map<String, String> values() {
        return Collections.unmodifiableMap(values);
    }

    /**
     * The statements that bring a server's session to these settings; empty when it is there
     * already. Afterwards the server counts as having them.
     *
     * @param server settings of the server, as far as known
     * @param serverDefaults what the server had right after its login
     */
    @SuppressWarnings("ReferenceEquality") // the same map needs no second look
    public String bring(SessionSettings server, SessionSettings serverDefaults) {
        if (values == server.values) {
            return "";
        }
        if (fingerprint == server.fingerprint && values.equals(server.values)) {
            server.become(this); // from now on one look tells
            return "";
        }
        StringBuilder sql = new StringBuilder();
        values.forEach(
                (name, value) -> {
                    if (!value.equals(server.values.get(name))) {
                        appendSet(sql, name, value);
                    }
                });
        server.values.forEach(
                (name, value) -> {
                    if (values.containsKey(name)) {
                        return;
                    }
                    String usual = serverDefaults.values.get(name);
                    if (usual == null) {
                        separate(sql).append("RESET ").append(quotedName(name));
                    } else if (!usual.equals(value)) {
                        appendSet(sql, name, usual);
                    }
                });
        return sql.toString();
    }

    private static void appendSet(StringBuilder sql, String name, String value) {
        if (QUOTED_LISTS.contains(name)) {
            separate(sql)
                    .append("SELECT pg_catalog.set_config(")
                    .append(literal(name))
                    .append(',')
                    .append(literal(value))
                    .append(",false)");
        } else {
            separate(sql)
                    .append("SET ")
                    .append(quotedName(name))
                    .append('=')
                    .append(literal(value));
        }
    }

    private static StringBuilder separate(StringBuilder sql) {
        return sql.isEmpty() ? sql : sql.append(';');
    }

    /** Works with standard_conforming_strings on and off. */
    static String literal(String value) {
        String doubled = value.replace("'", "''");
        return doubled.indexOf('\\') < 0
                ? "'" + doubled + "'"
                : " E'" + doubled.replace("\\", "\\\\") + "'";
    }

    /** A parameter's name may have a dot: {@code my.setting}. */
    private static String quotedName(String name) {
        return '"' + name.replace("\"", "\"\"").replace(".", "\".\"") + '"';
    }

    /** Takes over settings that never change any more; safe while others do the same. */
    public void share(SessionSettings unchanging) {
        values = unchanging.values;
        fingerprint = unchanging.fingerprint;
        isShared = true;
    }

    /** Takes over what another session has now; memory is shared until one of them changes. */
    public void become(SessionSettings other) {
        values = other.values;
        fingerprint = other.fingerprint;
        isShared = true;
        other.isShared = true;
    }
}
