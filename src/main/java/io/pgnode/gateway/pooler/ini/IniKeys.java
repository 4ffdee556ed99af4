package io.pgnode.gateway.pooler.ini;

import static io.pgnode.gateway.pooler.ini.IniKey.choice;
import static io.pgnode.gateway.pooler.ini.IniKey.number;
import static io.pgnode.gateway.pooler.ini.IniKey.onOff;
import static io.pgnode.gateway.pooler.ini.IniKey.seconds;
import static io.pgnode.gateway.pooler.ini.IniKey.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All keys that PgBouncer knows, up to version 1.26. */
public final class IniKeys {
    /** Reads secrets as PostgreSQL would, which an expired or locked role does not have. */
    public static final String DEFAULT_AUTH_QUERY =
            "SELECT rolname, CASE WHEN rolvaliduntil < pg_catalog.now() THEN NULL"
                    + " ELSE rolpassword END FROM pg_catalog.pg_authid"
                    + " WHERE rolname=$1 AND rolcanlogin";

    private static final long INT = Integer.MAX_VALUE;
    private static final int PORT = 65_535;

    private static final String[] TLS_MODES = {
        "disable", "allow", "prefer", "require", "verify-ca", "verify-full"
    };

    private static final List<IniKey> KEYS =
            List.of(
                    text("logfile", ""),
                    text("pidfile", "").atStart(),
                    text("listen_addr", "").atStart(),
                    number("listen_port", 6432, 0, PORT).atStart(),
                    text("unix_socket_dir", "/tmp").atStart(),
                    text("unix_socket_mode", "0777").atStart(),
                    text("unix_socket_group", "")
                            .atStart()
                            .without("the socket belongs to the group of the process"),
                    text("user", "").atStart(),
                    choice("pool_mode", "session", "session", "transaction", "statement"),
                    text("job_name", "pgbouncer").atStart().without("nothing is named after it"),
                    text("service_name", "").atStart().without("this is no service of Windows"),
                    text("conffile", "").without("the file is the one that the command names"),
                    seconds("stats_period", "60"),
                    onOff("so_reuseport", false).atStart(),
                    number("peer_id", 0, 0, 16_383)
                            .atStart()
                            .without(
                                    "one process serves all cores, so that cancel requests find it"),
                    onOff("disable_pqexec", false)
                            .atStart()
                            .without("the simple protocol is always open"),
                    onOff("application_name_add_host", false),
                    onOff("syslog", false)
                            .without(
                                    "the log goes to logfile, or to standard error, which systemd keeps"),
                    text("syslog_facility", "daemon")
                            .without(
                                    "the log goes to logfile, or to standard error, which systemd keeps"),
                    text("syslog_ident", "pgbouncer")
                            .without(
                                    "the log goes to logfile, or to standard error, which systemd keeps"),
                    number("max_client_conn", 100, 1, INT),
                    number("default_pool_size", 20, 0, INT),
                    number("min_pool_size", 0, 0, INT),
                    number("reserve_pool_size", 0, 0, INT),
                    seconds("reserve_pool_timeout", "5"),
                    number("max_db_connections", 0, 0, INT),
                    number("max_db_client_connections", 0, 0, INT),
                    number("max_user_connections", 0, 0, INT),
                    number("max_user_client_connections", 0, 0, INT),
                    number("max_prepared_statements", 200, 0, INT),
                    choice(
                            "auth_type",
                            "md5",
                            "any",
                            "trust",
                            "plain",
                            "md5",
                            "scram-sha-256",
                            "cert",
                            "hba",
                            "ldap",
                            "pam"),
                    text("auth_file", ""),
                    text("auth_hba_file", ""),
                    text("auth_ident_file", ""),
                    text("auth_query", DEFAULT_AUTH_QUERY),
                    text("auth_user", ""),
                    text("auth_dbname", ""),
                    number("scram_iterations", 4096, 1, 10_000_000),
                    text("auth_ldap_options", "").without("there are no logins by LDAP"),
                    text("login_notify_message", ""),
                    text("admin_users", ""),
                    text("stats_users", ""),
                    text("ignore_startup_parameters", ""),
                    text("track_extra_parameters", "IntervalStyle").atStart(),
                    text("server_reset_query", "DISCARD ALL"),
                    onOff("server_reset_query_always", false),
                    seconds("server_check_delay", "30"),
                    text("server_check_query", "<empty>"),
                    seconds("server_lifetime", "3600"),
                    seconds("server_idle_timeout", "600"),
                    seconds("server_connect_timeout", "15"),
                    seconds("server_login_retry", "15")
                            .without("servers are tried again after 0.1 to 1 second"),
                    onOff("server_fast_close", false),
                    onOff("server_round_robin", false)
                            .without("the server that was used last is used first"),
                    seconds("pool_idle_timeout", "0"),
                    seconds("autodb_idle_timeout", "3600"),
                    seconds("client_login_timeout", "60"),
                    seconds("client_idle_timeout", "0"),
                    seconds("idle_transaction_timeout", "0"),
                    seconds("transaction_timeout", "0"),
                    seconds("query_timeout", "0"),
                    seconds("query_wait_timeout", "120"),
                    seconds("query_wait_notify", "5"),
                    seconds("cancel_wait_timeout", "10"),
                    seconds("suspend_timeout", "10").without("there is no SUSPEND"),
                    seconds("dns_max_ttl", "15"),
                    seconds("dns_nxdomain_ttl", "15")
                            .without("the system looks names up, every dns_max_ttl"),
                    seconds("dns_zone_check_period", "0")
                            .without("the system looks names up, every dns_max_ttl"),
                    text("resolv_conf", "")
                            .atStart()
                            .without("the system looks names up, every dns_max_ttl"),
                    choice("client_tls_sslmode", "disable", TLS_MODES),
                    text("client_tls_key_file", ""),
                    text("client_tls_cert_file", ""),
                    text("client_tls_ca_file", ""),
                    text("client_tls_protocols", "secure"),
                    text("client_tls_ciphers", "default"),
                    text("client_tls13_ciphers", ""),
                    text("client_tls_ecdhcurve", "auto").without("the TLS library chooses"),
                    text("client_tls_dheparams", "auto").without("the TLS library chooses"),
                    choice("server_tls_sslmode", "prefer", TLS_MODES),
                    text("server_tls_ca_file", ""),
                    text("server_tls_key_file", ""),
                    text("server_tls_cert_file", ""),
                    text("server_tls_protocols", "secure"),
                    text("server_tls_ciphers", "default"),
                    text("server_tls13_ciphers", ""),
                    onOff("log_connections", true),
                    onOff("log_disconnections", true),
                    onOff("log_pooler_errors", true),
                    onOff("log_stats", true),
                    number("verbose", 0, 0, 9),
                    number("listen_backlog", 128, 1, INT).atStart().without("it is 1024"),
                    number("pkt_buf", 4096, 1, INT)
                            .atStart()
                            .without("buffers grow and shrink by themselves"),
                    number("sbuf_loopcnt", 5, 0, INT)
                            .without("buffers grow and shrink by themselves"),
                    number("max_packet_size", INT, 21, INT),
                    number("tcp_defer_accept", 1, 0, INT).atStart(),
                    onOff("tcp_keepalive", true).without("it is always on"),
                    number("tcp_keepcnt", 0, 0, INT).without("the settings of the kernel count"),
                    number("tcp_keepidle", 0, 0, INT).without("the settings of the kernel count"),
                    number("tcp_keepintvl", 0, 0, INT).without("the settings of the kernel count"),
                    number("tcp_socket_buffer", 0, 0, INT)
                            .without("the settings of the kernel count"),
                    number("tcp_user_timeout", 0, 0, INT)
                            .without("the settings of the kernel count"));

    static final Set<String> DATABASE_KEYS =
            Set.of(
                    "dbname",
                    "host",
                    "port",
                    "user",
                    "password",
                    "auth_user",
                    "auth_query",
                    "auth_dbname",
                    "pool_size",
                    "min_pool_size",
                    "reserve_pool",
                    "reserve_pool_size",
                    "connect_query",
                    "pool_mode",
                    "query_wait_timeout",
                    "load_balance_hosts",
                    "max_db_connections",
                    "max_db_client_connections",
                    "server_lifetime",
                    "client_encoding",
                    "datestyle",
                    "timezone",
                    "application_name");

    static final Set<String> USER_KEYS =
            Set.of(
                    "pool_size",
                    "reserve_pool_size",
                    "pool_mode",
                    "max_user_connections",
                    "max_user_client_connections",
                    "query_timeout",
                    "query_wait_timeout",
                    "idle_transaction_timeout",
                    "transaction_timeout",
                    "client_idle_timeout");

    static final Set<String> PEER_KEYS = Set.of("host", "port", "pool_size");

    private IniKeys() {}

    /** By name, in the order of the manual's groups. */
    public static Map<String, IniKey> all() {
        Map<String, IniKey> byName = new LinkedHashMap<>();
        KEYS.forEach(key -> byName.put(key.name(), key));
        return Collections.unmodifiableMap(byName);
    }
}
