package io.pgnode.gateway.stats;

import static io.pgnode.metrics.MetricType.COUNTER;
import static io.pgnode.metrics.MetricType.GAUGE;

import io.pgnode.metrics.MetricType;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The families of HAProxy's Prometheus exporter that apply to mode tcp: names, types and helps as
 * there. What has no counterpart here is zero.
 */
final class Families {
    private static final double MILLIS = 1000;

    private Families() {}

    /** One family, and its value for a thing. */
    record Family<T>(String name, MetricType type, String help, ToDoubleFunction<T> value) {}

    static final List<Family<ProcessReport>> PROCESS =
            List.of(
                    new Family<>(
                            "haproxy_process_nbthread",
                            GAUGE,
                            "Number of started threads (global.nbthread)",
                            p -> p.threads()),
                    new Family<>(
                            "haproxy_process_nbproc",
                            GAUGE,
                            "Number of started worker processes (historical, always 1)",
                            p -> 1),
                    new Family<>(
                            "haproxy_process_relative_process_id",
                            GAUGE,
                            "Relative worker process number (1)",
                            p -> 1),
                    new Family<>(
                            "haproxy_process_uptime_seconds",
                            GAUGE,
                            "How long ago this worker process was started (seconds)",
                            p -> p.uptimeSeconds()),
                    new Family<>(
                            "haproxy_process_pool_failures_total",
                            COUNTER,
                            "Number of failed pool allocations since this worker was started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_fds",
                            GAUGE,
                            "Hard limit on the number of per-process file descriptors",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_sockets",
                            GAUGE,
                            "Hard limit on the number of per-process sockets",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_connections",
                            GAUGE,
                            "Hard limit on the number of per-process connections (configured or imposed by Ulimit-n)",
                            p -> p.connectionLimit()),
                    new Family<>(
                            "haproxy_process_hard_max_connections",
                            GAUGE,
                            "Hard limit on the number of per-process connections (imposed by Memmax_MB or Ulimit-n)",
                            p -> p.connectionLimit()),
                    new Family<>(
                            "haproxy_process_current_connections",
                            GAUGE,
                            "Current number of connections on this worker process",
                            p -> p.connections()),
                    new Family<>(
                            "haproxy_process_connections_total",
                            COUNTER,
                            "Total number of connections on this worker process since started",
                            p -> p.connectionsTotal()),
                    new Family<>(
                            "haproxy_process_requests_total",
                            COUNTER,
                            "Total number of requests on this worker process since started",
                            p -> p.connectionsTotal()),
                    new Family<>(
                            "haproxy_process_max_ssl_connections",
                            GAUGE,
                            "Hard limit on the number of per-process SSL endpoints (front+back), 0=unlimited",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_current_ssl_connections",
                            GAUGE,
                            "Current number of SSL endpoints on this worker process (front+back)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_ssl_connections_total",
                            COUNTER,
                            "Total number of SSL endpoints on this worker process since started (front+back)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_pipes",
                            GAUGE,
                            "Hard limit on the number of pipes for splicing, 0=unlimited",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_pipes_used_total",
                            COUNTER,
                            "Current number of pipes in use in this worker process",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_pipes_free_total",
                            COUNTER,
                            "Current number of allocated and available pipes in this worker process",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_current_connection_rate",
                            GAUGE,
                            "Number of front connections created on this worker process over the last second",
                            p -> p.rate()),
                    new Family<>(
                            "haproxy_process_limit_connection_rate",
                            GAUGE,
                            "Hard limit for ConnRate (global.maxconnrate)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_connection_rate",
                            GAUGE,
                            "Highest ConnRate reached on this worker process since started (in connections per second)",
                            p -> p.maxRate()),
                    new Family<>(
                            "haproxy_process_current_session_rate",
                            GAUGE,
                            "Number of sessions created on this worker process over the last second",
                            p -> p.rate()),
                    new Family<>(
                            "haproxy_process_limit_session_rate",
                            GAUGE,
                            "Hard limit for SessRate (global.maxsessrate)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_session_rate",
                            GAUGE,
                            "Highest SessRate reached on this worker process since started (in sessions per second)",
                            p -> p.maxRate()),
                    new Family<>(
                            "haproxy_process_current_ssl_rate",
                            GAUGE,
                            "Number of SSL connections created on this worker process over the last second",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_limit_ssl_rate",
                            GAUGE,
                            "Hard limit for SslRate (global.maxsslrate)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_ssl_rate",
                            GAUGE,
                            "Highest SslRate reached on this worker process since started (in connections per second)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_current_frontend_ssl_key_rate",
                            GAUGE,
                            "Number of SSL keys created on frontends in this worker process over the last second",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_frontend_ssl_key_rate",
                            GAUGE,
                            "Highest SslFrontendKeyRate reached on this worker process since started (in SSL keys per second)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_frontend_ssl_reuse",
                            GAUGE,
                            "Percent of frontend SSL connections which did not require a new key",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_current_backend_ssl_key_rate",
                            GAUGE,
                            "Number of SSL keys created on backends in this worker process over the last second",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_backend_ssl_key_rate",
                            GAUGE,
                            "Highest SslBackendKeyRate reached on this worker process since started (in SSL keys per second)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_ssl_cache_lookups_total",
                            COUNTER,
                            "Total number of SSL session ID lookups in the SSL session cache on this worker since started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_ssl_cache_misses_total",
                            COUNTER,
                            "Total number of SSL session ID lookups that didn't find a session in the SSL session cache on this worker since started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_http_comp_bytes_in_total",
                            COUNTER,
                            "Number of bytes submitted to the HTTP compressor in this worker process over the last second",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_http_comp_bytes_out_total",
                            COUNTER,
                            "Number of bytes emitted by the HTTP compressor in this worker process over the last second",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_limit_http_comp",
                            GAUGE,
                            "Limit of CompressBpsOut beyond which HTTP compression is automatically disabled",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_current_tasks",
                            GAUGE,
                            "Total number of tasks in the current worker process (active + sleeping)",
                            p -> p.connections() + p.listeners()),
                    new Family<>(
                            "haproxy_process_current_run_queue",
                            GAUGE,
                            "Total number of active tasks+tasklets in the current worker process",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_idle_time_percent",
                            GAUGE,
                            "Percentage of last second spent waiting in the current worker thread",
                            p -> p.idlePercent()),
                    new Family<>(
                            "haproxy_process_stopping",
                            GAUGE,
                            "1 if the worker process is currently stopping, otherwise zero",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_jobs",
                            GAUGE,
                            "Current number of active jobs on the current worker process (frontend connections, master connections, listeners)",
                            p -> p.connections() + p.listeners()),
                    new Family<>(
                            "haproxy_process_unstoppable_jobs",
                            GAUGE,
                            "Current number of unstoppable jobs on the current worker process (master connections)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_listeners",
                            GAUGE,
                            "Current number of active listeners on the current worker process",
                            p -> p.listeners()),
                    new Family<>(
                            "haproxy_process_active_peers",
                            GAUGE,
                            "Current number of verified active peers connections on the current worker process",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_connected_peers",
                            GAUGE,
                            "Current number of peers having passed the connection step on the current worker process",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_dropped_logs_total",
                            COUNTER,
                            "Total number of dropped logs for current worker process since started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_busy_polling_enabled",
                            GAUGE,
                            "1 if busy-polling is currently in use on the worker process, otherwise zero (config.busy-polling)",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_failed_resolutions",
                            COUNTER,
                            "Total number of failed DNS resolutions in current worker process since started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_bytes_out_total",
                            COUNTER,
                            "Total number of bytes emitted by current worker process since started",
                            p -> p.bytesOut()),
                    new Family<>(
                            "haproxy_process_spliced_bytes_out_total",
                            COUNTER,
                            "Total number of bytes emitted by current worker process through a kernel pipe since started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_bytes_out_rate",
                            GAUGE,
                            "Number of bytes emitted by current worker process over the last second",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_recv_logs_total",
                            COUNTER,
                            "Total number of log messages received by log-forwarding listeners on this worker process since started",
                            p -> 0),
                    new Family<>(
                            "haproxy_process_max_memory_bytes",
                            GAUGE,
                            "Worker process's hard limit on memory usage in byes (-m on command line)",
                            p -> p.maxHeapBytes()),
                    new Family<>(
                            "haproxy_process_pool_allocated_bytes",
                            GAUGE,
                            "Amount of memory allocated in pools (in bytes)",
                            p -> p.heapBytes()),
                    new Family<>(
                            "haproxy_process_pool_used_bytes",
                            GAUGE,
                            "Amount of pool memory currently used (in bytes)",
                            p -> p.heapBytes()),
                    new Family<>(
                            "haproxy_process_start_time_seconds",
                            GAUGE,
                            "Start time in seconds",
                            p -> p.startSeconds()));

    static final List<Family<ServiceReport>> FRONTEND =
            List.of(
                    new Family<>(
                            "haproxy_frontend_current_sessions",
                            GAUGE,
                            "Number of current sessions on the frontend, backend or server",
                            s -> s.frontend().sessions()),
                    new Family<>(
                            "haproxy_frontend_max_sessions",
                            GAUGE,
                            "Highest value of current sessions encountered since process started",
                            s -> s.frontend().maxSessions()),
                    new Family<>(
                            "haproxy_frontend_limit_sessions",
                            GAUGE,
                            "Frontend/listener/server's maxconn, backend's fullconn",
                            s -> s.limit()),
                    new Family<>(
                            "haproxy_frontend_sessions_total",
                            COUNTER,
                            "Total number of sessions since process started",
                            s -> s.frontend().sessionsTotal()),
                    new Family<>(
                            "haproxy_frontend_bytes_in_total",
                            COUNTER,
                            "Total number of request bytes since process started",
                            s -> s.frontend().bytesIn()),
                    new Family<>(
                            "haproxy_frontend_bytes_out_total",
                            COUNTER,
                            "Total number of response bytes since process started",
                            s -> s.frontend().bytesOut()),
                    new Family<>(
                            "haproxy_frontend_requests_denied_total",
                            COUNTER,
                            "Total number of denied requests since process started",
                            s -> s.frontend().refused()),
                    new Family<>(
                            "haproxy_frontend_responses_denied_total",
                            COUNTER,
                            "Total number of denied responses since process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_frontend_request_errors_total",
                            COUNTER,
                            "Total number of invalid requests since process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_frontend_limit_session_rate",
                            GAUGE,
                            "Limit on the number of sessions accepted in a second (frontend only, 'rate-limit sessions' setting)",
                            s -> 0),
                    new Family<>(
                            "haproxy_frontend_max_session_rate",
                            GAUGE,
                            "Highest value of sessions per second observed since the worker process started",
                            s -> s.frontend().maxRate()),
                    new Family<>(
                            "haproxy_frontend_connections_rate_max",
                            GAUGE,
                            "Highest value of connections per second observed since the worker process started",
                            s -> s.frontend().maxRate()),
                    new Family<>(
                            "haproxy_frontend_connections_total",
                            COUNTER,
                            "Total number of new connections accepted on this frontend since the worker process started",
                            s -> s.frontend().sessionsTotal()),
                    new Family<>(
                            "haproxy_frontend_denied_connections_total",
                            COUNTER,
                            "Total number of incoming connections blocked on a listener/frontend by a tcp-request connection rule since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_frontend_denied_sessions_total",
                            COUNTER,
                            "Total number of incoming sessions blocked on a listener/frontend by a tcp-request connection rule since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_frontend_failed_header_rewriting_total",
                            COUNTER,
                            "Total number of failed HTTP header rewrites since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_frontend_internal_errors_total",
                            COUNTER,
                            "Total number of internal errors since process started",
                            s -> 0));

    static final List<Family<ServiceReport>> BACKEND =
            List.of(
                    new Family<>(
                            "haproxy_backend_current_queue",
                            GAUGE,
                            "Number of current queued connections",
                            s -> s.backend().queued()),
                    new Family<>(
                            "haproxy_backend_max_queue",
                            GAUGE,
                            "Highest value of queued connections encountered since process started",
                            s -> s.backend().maxQueued()),
                    new Family<>(
                            "haproxy_backend_current_sessions",
                            GAUGE,
                            "Number of current sessions on the frontend, backend or server",
                            s -> s.backend().sessions()),
                    new Family<>(
                            "haproxy_backend_max_sessions",
                            GAUGE,
                            "Highest value of current sessions encountered since process started",
                            s -> s.backend().maxSessions()),
                    new Family<>(
                            "haproxy_backend_limit_sessions",
                            GAUGE,
                            "Frontend/listener/server's maxconn, backend's fullconn",
                            s -> Math.floorDiv(s.limit(), 10)),
                    new Family<>(
                            "haproxy_backend_sessions_total",
                            COUNTER,
                            "Total number of sessions since process started",
                            s -> s.backend().sessionsTotal()),
                    new Family<>(
                            "haproxy_backend_bytes_in_total",
                            COUNTER,
                            "Total number of request bytes since process started",
                            s -> s.backend().bytesIn()),
                    new Family<>(
                            "haproxy_backend_bytes_out_total",
                            COUNTER,
                            "Total number of response bytes since process started",
                            s -> s.backend().bytesOut()),
                    new Family<>(
                            "haproxy_backend_requests_denied_total",
                            COUNTER,
                            "Total number of denied requests since process started",
                            s -> s.backend().refused()),
                    new Family<>(
                            "haproxy_backend_responses_denied_total",
                            COUNTER,
                            "Total number of denied responses since process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_connection_errors_total",
                            COUNTER,
                            "Total number of failed connections to server since the worker process started",
                            s -> s.backend().connectErrors()),
                    new Family<>(
                            "haproxy_backend_response_errors_total",
                            COUNTER,
                            "Total number of invalid responses since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_retry_warnings_total",
                            COUNTER,
                            "Total number of server connection retries since the worker process started",
                            s -> s.backend().retries()),
                    new Family<>(
                            "haproxy_backend_redispatch_warnings_total",
                            COUNTER,
                            "Total number of server redispatches due to connection failures since the worker process started",
                            s -> s.backend().redispatches()),
                    new Family<>(
                            "haproxy_backend_weight",
                            GAUGE,
                            "Server's effective weight, or sum of active servers' effective weights for a backend",
                            s -> s.weight()),
                    new Family<>(
                            "haproxy_backend_active_servers",
                            GAUGE,
                            "Total number of active UP servers with a non-zero weight",
                            s -> s.serving(false)),
                    new Family<>(
                            "haproxy_backend_backup_servers",
                            GAUGE,
                            "Total number of backup UP servers with a non-zero weight",
                            s -> s.serving(true)),
                    new Family<>(
                            "haproxy_backend_check_up_down_total",
                            COUNTER,
                            "Total number of failed checks causing UP to DOWN server transitions, per server/backend, since the worker process started",
                            s -> s.timesDown()),
                    new Family<>(
                            "haproxy_backend_check_last_change_seconds",
                            GAUGE,
                            "How long ago the last server state changed, in seconds",
                            s -> s.changedSeconds()),
                    new Family<>(
                            "haproxy_backend_downtime_seconds_total",
                            COUNTER,
                            "Total time spent in DOWN state, for server or backend",
                            s -> s.downtimeSeconds()),
                    new Family<>(
                            "haproxy_backend_loadbalanced_total",
                            COUNTER,
                            "Total number of requests routed by load balancing since the worker process started (ignores queue pop and stickiness)",
                            s -> s.backend().chosen()),
                    new Family<>(
                            "haproxy_backend_max_session_rate",
                            GAUGE,
                            "Highest value of sessions per second observed since the worker process started",
                            s -> s.backend().maxRate()),
                    new Family<>(
                            "haproxy_backend_client_aborts_total",
                            COUNTER,
                            "Total number of requests or connections aborted by the client since the worker process started",
                            s -> s.backend().clientAborts()),
                    new Family<>(
                            "haproxy_backend_server_aborts_total",
                            COUNTER,
                            "Total number of requests or connections aborted by the server since the worker process started",
                            s -> s.backend().serverAborts()),
                    new Family<>(
                            "haproxy_backend_last_session_seconds",
                            GAUGE,
                            "How long ago some traffic was seen on this object on this worker process, in seconds",
                            s -> s.backend().lastSessionSeconds()),
                    new Family<>(
                            "haproxy_backend_queue_time_average_seconds",
                            GAUGE,
                            "Avg. queue time for last 1024 successful connections.",
                            s -> s.backend().queueMillis() / MILLIS),
                    new Family<>(
                            "haproxy_backend_connect_time_average_seconds",
                            GAUGE,
                            "Avg. connect time for last 1024 successful connections.",
                            s -> s.backend().connectMillis() / MILLIS),
                    new Family<>(
                            "haproxy_backend_response_time_average_seconds",
                            GAUGE,
                            "Avg. response time for last 1024 successful connections.",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_total_time_average_seconds",
                            GAUGE,
                            "Avg. total time for last 1024 successful connections.",
                            s -> s.backend().totalMillis() / MILLIS),
                    new Family<>(
                            "haproxy_backend_failed_header_rewriting_total",
                            COUNTER,
                            "Total number of failed HTTP header rewrites since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_connection_attempts_total",
                            COUNTER,
                            "Total number of outgoing connection attempts on this backend/server since the worker process started",
                            s -> s.backend().attempts()),
                    new Family<>(
                            "haproxy_backend_connection_reuses_total",
                            COUNTER,
                            "Total number of reused connection on this backend/server since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_max_queue_time_seconds",
                            GAUGE,
                            "Maximum observed time spent in the queue",
                            s -> s.backend().maxQueueMillis() / MILLIS),
                    new Family<>(
                            "haproxy_backend_max_connect_time_seconds",
                            GAUGE,
                            "Maximum observed time spent waiting for a connection to complete",
                            s -> s.backend().maxConnectMillis() / MILLIS),
                    new Family<>(
                            "haproxy_backend_max_response_time_seconds",
                            GAUGE,
                            "Maximum observed time spent waiting for a server response",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_max_total_time_seconds",
                            GAUGE,
                            "Maximum observed total request+response time (request+queue+connect+response+processing)",
                            s -> s.backend().maxTotalMillis() / MILLIS),
                    new Family<>(
                            "haproxy_backend_internal_errors_total",
                            COUNTER,
                            "Total number of internal errors since process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_backend_uweight",
                            GAUGE,
                            "Server's user weight, or sum of active servers' user weights for a backend",
                            s -> s.weight()));

    static final List<Family<ServerReport>> SERVER =
            List.of(
                    new Family<>(
                            "haproxy_server_current_queue",
                            GAUGE,
                            "Number of current queued connections",
                            s -> s.counts().queued()),
                    new Family<>(
                            "haproxy_server_max_queue",
                            GAUGE,
                            "Highest value of queued connections encountered since process started",
                            s -> s.counts().maxQueued()),
                    new Family<>(
                            "haproxy_server_current_sessions",
                            GAUGE,
                            "Number of current sessions on the frontend, backend or server",
                            s -> s.counts().sessions()),
                    new Family<>(
                            "haproxy_server_max_sessions",
                            GAUGE,
                            "Highest value of current sessions encountered since process started",
                            s -> s.counts().maxSessions()),
                    new Family<>(
                            "haproxy_server_limit_sessions",
                            GAUGE,
                            "Frontend/listener/server's maxconn, backend's fullconn",
                            s -> s.limit() == 0 ? Double.NaN : s.limit()),
                    new Family<>(
                            "haproxy_server_sessions_total",
                            COUNTER,
                            "Total number of sessions since process started",
                            s -> s.counts().sessionsTotal()),
                    new Family<>(
                            "haproxy_server_bytes_in_total",
                            COUNTER,
                            "Total number of request bytes since process started",
                            s -> s.counts().bytesIn()),
                    new Family<>(
                            "haproxy_server_bytes_out_total",
                            COUNTER,
                            "Total number of response bytes since process started",
                            s -> s.counts().bytesOut()),
                    new Family<>(
                            "haproxy_server_responses_denied_total",
                            COUNTER,
                            "Total number of denied responses since process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_connection_errors_total",
                            COUNTER,
                            "Total number of failed connections to server since the worker process started",
                            s -> s.counts().connectErrors()),
                    new Family<>(
                            "haproxy_server_response_errors_total",
                            COUNTER,
                            "Total number of invalid responses since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_retry_warnings_total",
                            COUNTER,
                            "Total number of server connection retries since the worker process started",
                            s -> s.counts().retries()),
                    new Family<>(
                            "haproxy_server_redispatch_warnings_total",
                            COUNTER,
                            "Total number of server redispatches due to connection failures since the worker process started",
                            s -> s.counts().redispatches()),
                    new Family<>(
                            "haproxy_server_weight",
                            GAUGE,
                            "Server's effective weight, or sum of active servers' effective weights for a backend",
                            s -> s.weight()),
                    new Family<>(
                            "haproxy_server_check_failures_total",
                            COUNTER,
                            "Total number of failed individual health checks per server/backend, since the worker process started",
                            s -> s.check().failures()),
                    new Family<>(
                            "haproxy_server_check_up_down_total",
                            COUNTER,
                            "Total number of failed checks causing UP to DOWN server transitions, per server/backend, since the worker process started",
                            s -> s.timesDown()),
                    new Family<>(
                            "haproxy_server_check_last_change_seconds",
                            GAUGE,
                            "How long ago the last server state changed, in seconds",
                            s -> s.changedSeconds()),
                    new Family<>(
                            "haproxy_server_downtime_seconds_total",
                            COUNTER,
                            "Total time spent in DOWN state, for server or backend",
                            s -> s.downtimeSeconds()),
                    new Family<>(
                            "haproxy_server_queue_limit",
                            GAUGE,
                            "Limit on the number of connections in queue, for servers only (maxqueue argument)",
                            s -> Double.NaN),
                    new Family<>(
                            "haproxy_server_current_throttle",
                            GAUGE,
                            "Throttling ratio applied to a server's maxconn and weight during the slowstart period (0 to 100%)",
                            s -> s.throttle() == 100 ? Double.NaN : s.throttle()),
                    new Family<>(
                            "haproxy_server_loadbalanced_total",
                            COUNTER,
                            "Total number of requests routed by load balancing since the worker process started (ignores queue pop and stickiness)",
                            s -> s.counts().chosen()),
                    new Family<>(
                            "haproxy_server_max_session_rate",
                            GAUGE,
                            "Highest value of sessions per second observed since the worker process started",
                            s -> s.counts().maxRate()),
                    new Family<>(
                            "haproxy_server_check_code",
                            GAUGE,
                            "layer5-7 code, if available of the last health check.",
                            s -> s.check().code()),
                    new Family<>(
                            "haproxy_server_check_duration_seconds",
                            GAUGE,
                            "Total duration of the latest server health check, in seconds.",
                            s -> s.check().millis() / MILLIS),
                    new Family<>(
                            "haproxy_server_client_aborts_total",
                            COUNTER,
                            "Total number of requests or connections aborted by the client since the worker process started",
                            s -> s.counts().clientAborts()),
                    new Family<>(
                            "haproxy_server_server_aborts_total",
                            COUNTER,
                            "Total number of requests or connections aborted by the server since the worker process started",
                            s -> s.counts().serverAborts()),
                    new Family<>(
                            "haproxy_server_last_session_seconds",
                            GAUGE,
                            "How long ago some traffic was seen on this object on this worker process, in seconds",
                            s -> s.counts().lastSessionSeconds()),
                    new Family<>(
                            "haproxy_server_queue_time_average_seconds",
                            GAUGE,
                            "Avg. queue time for last 1024 successful connections.",
                            s -> s.counts().queueMillis() / MILLIS),
                    new Family<>(
                            "haproxy_server_connect_time_average_seconds",
                            GAUGE,
                            "Avg. connect time for last 1024 successful connections.",
                            s -> s.counts().connectMillis() / MILLIS),
                    new Family<>(
                            "haproxy_server_response_time_average_seconds",
                            GAUGE,
                            "Avg. response time for last 1024 successful connections.",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_total_time_average_seconds",
                            GAUGE,
                            "Avg. total time for last 1024 successful connections.",
                            s -> s.counts().totalMillis() / MILLIS),
                    new Family<>(
                            "haproxy_server_failed_header_rewriting_total",
                            COUNTER,
                            "Total number of failed HTTP header rewrites since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_connection_attempts_total",
                            COUNTER,
                            "Total number of outgoing connection attempts on this backend/server since the worker process started",
                            s -> s.counts().attempts()),
                    new Family<>(
                            "haproxy_server_connection_reuses_total",
                            COUNTER,
                            "Total number of reused connection on this backend/server since the worker process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_idle_connections_current",
                            GAUGE,
                            "Current number of idle connections available for reuse on this server",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_idle_connections_limit",
                            GAUGE,
                            "Limit on the number of available idle connections on this server (server 'pool_max_conn' directive)",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_max_queue_time_seconds",
                            GAUGE,
                            "Maximum observed time spent in the queue",
                            s -> s.counts().maxQueueMillis() / MILLIS),
                    new Family<>(
                            "haproxy_server_max_connect_time_seconds",
                            GAUGE,
                            "Maximum observed time spent waiting for a connection to complete",
                            s -> s.counts().maxConnectMillis() / MILLIS),
                    new Family<>(
                            "haproxy_server_max_response_time_seconds",
                            GAUGE,
                            "Maximum observed time spent waiting for a server response",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_max_total_time_seconds",
                            GAUGE,
                            "Maximum observed total request+response time (request+queue+connect+response+processing)",
                            s -> s.counts().maxTotalMillis() / MILLIS),
                    new Family<>(
                            "haproxy_server_internal_errors_total",
                            COUNTER,
                            "Total number of internal errors since process started",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_unsafe_idle_connections_current",
                            GAUGE,
                            "Current number of unsafe idle connections",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_safe_idle_connections_current",
                            GAUGE,
                            "Current number of safe idle connections",
                            s -> 0),
                    new Family<>(
                            "haproxy_server_used_connections_current",
                            GAUGE,
                            "Current number of connections in use",
                            s -> s.counts().sessions()),
                    new Family<>(
                            "haproxy_server_need_connections_current",
                            GAUGE,
                            "Estimated needed number of connections",
                            s -> s.counts().maxSessions()),
                    new Family<>(
                            "haproxy_server_uweight",
                            GAUGE,
                            "Server's user weight, or sum of active servers' user weights for a backend",
                            s -> s.weight()));
}
