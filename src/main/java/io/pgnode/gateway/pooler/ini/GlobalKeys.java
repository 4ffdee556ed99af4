package io.pgnode.gateway.pooler.ini;

import java.util.TreeSet;

/** The groups of {@code [pgbouncer]} whose keys say all there is by themselves. */
final class GlobalKeys {
    private final IniValues values;
    private final Findings findings;

    GlobalKeys(IniValues values, Findings findings) {
        this.values = values;
        this.findings = findings;
    }

    PoolerIni.Listening listening() {
        return new PoolerIni.Listening(
                values.list("listen_addr"),
                values.number("listen_port"),
                values.text("unix_socket_dir"),
                socketMode(),
                values.text("pidfile"),
                values.text("user"),
                values.number("max_packet_size"),
                values.isOn("so_reuseport"),
                values.number("tcp_defer_accept") > 0);
    }

    private int socketMode() {
        String text = values.text("unix_socket_mode");
        if (!text.matches("[0-7]{3,4}")) {
            findings.wrong(
                    values.where("unix_socket_mode"),
                    "unix_socket_mode",
                    text,
                    "an octal mode as 0777",
                    "");
            return 0;
        }
        return Integer.parseInt(text, 8);
    }

    PoolerIni.Sizes sizes() {
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

    PoolerIni.Health health() {
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

    PoolerIni.Times times() {
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

    PoolerIni.Logged logged() {
        return new PoolerIni.Logged(
                values.text("logfile"),
                values.isOn("log_connections"),
                values.isOn("log_disconnections"),
                values.isOn("log_pooler_errors"),
                values.isOn("log_stats"),
                values.seconds("stats_period"),
                values.number("verbose"));
    }

    PoolerIni.Startup startup() {
        TreeSet<String> ignored = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        ignored.addAll(values.list("ignore_startup_parameters"));
        TreeSet<String> tracked = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        tracked.addAll(values.list("track_extra_parameters"));
        return new PoolerIni.Startup(ignored, tracked, values.isOn("application_name_add_host"));
    }
}
