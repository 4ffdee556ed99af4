package io.pgnode.gateway.pooler.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The columns of PgBouncer 1.25's SHOW commands, written from its documentation: what exporters and
 * scripts rely on. {@code 4} is int4, {@code 8} int8, {@code n} numeric, {@code t} text.
 */
final class Columns {
    private static final String SOCKETS =
            """
            type:t user:t database:t replication:t state:t addr:t port:4 local_addr:t local_port:4
            connect_time:t request_time:t wait:4 wait_us:4 close_needed:4 ptr:t link:t remote_pid:4
            tls:t application_name:t prepared_statements:4 id:4
            """;

    private static final String BUFFERS =
            """
            recv_pos:4 pkt_pos:4 pkt_remain:4 send_pos:4 send_remain:4 pkt_avail:4 send_avail:4
            """;

    private Columns() {}

    static Map<String, List<String>> golden() {
        Map<String, List<String>> golden = new LinkedHashMap<>();
        add(
                golden,
                "STATS",
                """
                database:t total_server_assignment_count:n total_xact_count:n total_query_count:n
                total_received:n total_sent:n total_xact_time:n total_query_time:n
                total_wait_time:n total_client_parse_count:n total_server_parse_count:n
                total_bind_count:n avg_server_assignment_count:n avg_xact_count:n
                avg_query_count:n avg_recv:n avg_sent:n avg_xact_time:n avg_query_time:n
                avg_wait_time:n avg_client_parse_count:n avg_server_parse_count:n avg_bind_count:n
                """);
        add(
                golden,
                "STATS_TOTALS",
                """
                database:t server_assignment_count:n xact_count:n query_count:n bytes_received:n
                bytes_sent:n xact_time:n query_time:n wait_time:n client_parse_count:n
                server_parse_count:n bind_count:n
                """);
        add(
                golden,
                "STATS_AVERAGES",
                """
                database:t server_assignment_count:n xact_count:n query_count:n bytes_received:n
                bytes_sent:n xact_time:n query_time:n wait_time:n avg_client_parse_count:n
                avg_server_parse_count:n avg_bind_count:n
                """);
        add(golden, "TOTALS", "name:t value:n");
        add(
                golden,
                "POOLS",
                """
                database:t user:t cl_active:4 cl_waiting:4 cl_active_cancel_req:4
                cl_waiting_cancel_req:4 sv_active:4 sv_active_cancel:4 sv_being_canceled:4
                sv_idle:4 sv_used:4 sv_tested:4 sv_login:4 maxwait:4 maxwait_us:4 pool_mode:t
                load_balance_hosts:t
                """);
        add(
                golden,
                "DATABASES",
                """
                name:t host:t port:4 database:t force_user:t pool_size:4 min_pool_size:4
                reserve_pool_size:4 server_lifetime:4 pool_mode:t load_balance_hosts:t
                max_connections:4 current_connections:4 max_client_connections:4
                current_client_connections:4 paused:4 disabled:4
                """);
        add(
                golden,
                "USERS",
                """
                name:t pool_size:4 reserve_pool_size:4 pool_mode:t max_user_connections:4
                current_connections:4 max_user_client_connections:4 current_client_connections:4
                """);
        add(golden, "CLIENTS", SOCKETS);
        add(golden, "SERVERS", SOCKETS);
        add(golden, "SOCKETS", SOCKETS + BUFFERS);
        add(golden, "ACTIVE_SOCKETS", SOCKETS + BUFFERS);
        add(golden, "LISTS", "list:t items:4");
        add(golden, "CONFIG", "key:t value:t default:t changeable:t");
        add(golden, "MEM", "name:t size:4 used:4 free:4 memtotal:4");
        add(golden, "STATE", "key:t value:t");
        add(golden, "PEERS", "peer_id:4 host:t port:4 pool_size:4");
        add(
                golden,
                "PEER_POOLS",
                """
                peer_id:4 cl_active_cancel_req:4 cl_waiting_cancel_req:4 sv_active_cancel:4
                sv_login:4
                """);
        add(golden, "DNS_HOSTS", "hostname:t ttl:8 addrs:t");
        add(golden, "DNS_ZONES", "zonename:t serial:8 count:4");
        add(golden, "VERSION", "version:t");
        return golden;
    }

    private static void add(Map<String, List<String>> golden, String topic, String columns) {
        golden.put(topic, List.of(columns.strip().split("\\s+", -1)));
    }
}
