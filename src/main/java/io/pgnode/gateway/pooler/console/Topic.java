package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.BackendMessages.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What SHOW can show, with the names, order and types of its columns, as in PgBouncer 1.25. */
enum Topic {
    ACTIVE_SOCKETS(Columns.SOCKET + Columns.BUFFERS),
    CLIENTS(Columns.SOCKET),
    CONFIG("key value default changeable"),
    DATABASES(
            "name host port:i database force_user pool_size:i min_pool_size:i reserve_pool_size:i"
                    + " server_lifetime:i pool_mode load_balance_hosts max_connections:i"
                    + " current_connections:i max_client_connections:i"
                    + " current_client_connections:i paused:i disabled:i"),
    DNS_HOSTS("hostname ttl:b addrs"),
    DNS_ZONES("zonename serial:b count:i"),
    HELP(""),
    HISTOGRAMS(
            "database user phase count:b sum_us:b p50_us:b p90_us:b p99_us:b p999_us:b max_us:b"),
    HOLDS("scope state owners cl_waiting:i sv_open:i left_ms:b"),
    LISTS("list items:i"),
    MEM("name size:i used:i free:i memtotal:i"),
    PEERS("peer_id:i host port:i pool_size:i"),
    PEER_POOLS(
            "peer_id:i cl_active_cancel_req:i cl_waiting_cancel_req:i sv_active_cancel:i"
                    + " sv_login:i"),
    POOLS(
            "database user cl_active:i cl_waiting:i cl_active_cancel_req:i"
                    + " cl_waiting_cancel_req:i sv_active:i sv_active_cancel:i"
                    + " sv_being_canceled:i sv_idle:i sv_used:i sv_tested:i sv_login:i maxwait:i"
                    + " maxwait_us:i pool_mode load_balance_hosts"),
    SERVERS(Columns.SOCKET),
    SOCKETS(Columns.SOCKET + Columns.BUFFERS),
    STATE("key value"),
    STATS(
            "database total_server_assignment_count:n total_xact_count:n total_query_count:n"
                    + " total_received:n total_sent:n total_xact_time:n total_query_time:n"
                    + " total_wait_time:n total_client_parse_count:n total_server_parse_count:n"
                    + " total_bind_count:n avg_server_assignment_count:n avg_xact_count:n"
                    + " avg_query_count:n avg_recv:n avg_sent:n avg_xact_time:n avg_query_time:n"
                    + " avg_wait_time:n avg_client_parse_count:n avg_server_parse_count:n"
                    + " avg_bind_count:n"),
    STATS_AVERAGES(
            "database server_assignment_count:n xact_count:n query_count:n bytes_received:n"
                    + " bytes_sent:n xact_time:n query_time:n wait_time:n"
                    + " avg_client_parse_count:n avg_server_parse_count:n avg_bind_count:n"),
    STATS_TOTALS(
            "database server_assignment_count:n xact_count:n query_count:n bytes_received:n"
                    + " bytes_sent:n xact_time:n query_time:n wait_time:n client_parse_count:n"
                    + " server_parse_count:n bind_count:n"),
    TOTALS("name value:n"),
    USERS(
            "name pool_size:i reserve_pool_size:i pool_mode max_user_connections:i"
                    + " current_connections:i max_user_client_connections:i"
                    + " current_client_connections:i"),
    VERSION("version"),

    /** EXPLAIN POOL: not a SHOW, but a table like the others. */
    EXPLAIN(
            "database user cl_waiting:i maxwait_us:b sv_active:i sv_idle:i sv_login:i pool_size:i"
                    + " reserve_pool_size:i limit why");

    private static final class Columns {
        static final String SOCKET =
                "type user database replication state addr port:i local_addr local_port:i"
                        + " connect_time request_time wait:i wait_us:i close_needed:i ptr link"
                        + " remote_pid:i tls application_name prepared_statements:i id:i";
        static final String BUFFERS =
                " recv_pos:i pkt_pos:i pkt_remain:i send_pos:i send_remain:i pkt_avail:i"
                        + " send_avail:i";
    }

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<Column> columns;

    /**
     * @param columns names; {@code :i} is int4, {@code :b} int8, {@code :n} numeric, none text
     */
    Topic(String columns) {
        this.columns = parse(columns);
    }

    static List<Column> parse(String columns) {
        List<Column> result = new ArrayList<>();
        for (String word : columns.split(" ", -1)) {
            if (!word.isEmpty()) {
                int colon = word.indexOf(':');
                String name = colon < 0 ? word : word.substring(0, colon);
                char type = colon < 0 ? 't' : word.charAt(colon + 1);
                result.add(
                        switch (type) {
                            case 'i' -> Column.int4(name);
                            case 'b' -> Column.int8(name);
                            case 'n' -> Column.numeric(name);
                            default -> Column.text(name);
                        });
            }
        }
        return List.copyOf(result);
    }

    List<Column> columns() {
        return columns;
    }

    /** By the word after SHOW, in any case. */
    static Optional<Topic> of(String word) {
        String name = word.toUpperCase(Locale.ROOT);
        for (Topic topic : values()) {
            if (topic != EXPLAIN && topic.name().equals(name)) {
                return Optional.of(topic);
            }
        }
        return Optional.empty();
    }
}
