package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.CheckReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** HAProxy's rows of statistics: a frontend, its servers and its backend for each service. */
final class StatRows {
    /** HAProxy numbers its proxies from 2 on, since 1 is its own command socket. */
    private static final int FIRST_PROXY = 2;

    /**
     * @param object {@code Frontend}, {@code Server} or {@code Backend}
     * @param proxy number of the service; {@code server} of the server, zero for the others
     * @param values by column; what does not apply is absent
     */
    record Row(String object, int proxy, int server, Map<String, String> values) {}

    private StatRows() {}

    static List<Row> of(List<ServiceReport> services) {
        List<Row> rows = new ArrayList<>();
        int proxy = FIRST_PROXY;
        for (ServiceReport service : services) {
            rows.add(frontend(service, proxy));
            int server = 1;
            for (ServerReport report : service.servers()) {
                rows.add(server(service, report, proxy, server++));
            }
            rows.add(backend(service, proxy));
            proxy++;
        }
        return rows;
    }

    private static final class Builder {
        final Map<String, String> values = new HashMap<>();

        Builder put(String column, long value) {
            values.put(column, Long.toString(value));
            return this;
        }

        Builder put(String column, String value) {
            values.put(column, value);
            return this;
        }

        Builder zeros(String... columns) {
            for (String column : columns) {
                put(column, 0);
            }
            return this;
        }
    }

    private static Builder begin(
            ServiceReport service, String name, int proxy, int server, int type) {
        return new Builder()
                .put("pxname", service.name())
                .put("svname", name)
                .put("pid", 1)
                .put("iid", proxy)
                .put("sid", server)
                .put("type", type)
                .put("mode", "tcp")
                .put("-", "-")
                .zeros("wrew", "eint", "dresp");
    }

    private static Row frontend(ServiceReport service, int proxy) {
        Counts counts = service.frontend();
        Builder row =
                begin(service, "FRONTEND", proxy, 0, 0)
                        .put("slim", service.limit())
                        .put("dreq", counts.refused())
                        .put("status", service.isOpen() ? "OPEN" : "STOP")
                        .put("conn_rate", counts.rate())
                        .put("conn_rate_max", counts.maxRate())
                        .put("conn_tot", counts.sessionsTotal())
                        .zeros("ereq", "rate_lim", "req_rate", "req_rate_max", "req_tot")
                        .zeros("comp_in", "comp_out", "comp_byp", "comp_rsp", "dcon", "dses");
        sessions(row, counts);
        modules(row, true);
        return new Row("Frontend", proxy, 0, row.values);
    }

    private static void sessions(Builder row, Counts counts) {
        row.put("scur", counts.sessions())
                .put("smax", counts.maxSessions())
                .put("stot", counts.sessionsTotal())
                .put("bin", counts.bytesIn())
                .put("bout", counts.bytesOut())
                .put("rate", counts.rate())
                .put("rate_max", counts.maxRate());
    }

    private static void relay(Builder row, Counts counts) {
        row.put("qcur", counts.queued())
                .put("qmax", counts.maxQueued())
                .put("econ", counts.connectErrors())
                .put("wretr", counts.retries())
                .put("wredis", counts.redispatches())
                .put("lbtot", counts.chosen())
                .put("cli_abrt", counts.clientAborts())
                .put("srv_abrt", counts.serverAborts())
                .put("lastsess", counts.lastSessionSeconds())
                .put("qtime", counts.queueMillis())
                .put("ctime", counts.connectMillis())
                .put("ttime", counts.totalMillis())
                .put("qtime_max", counts.maxQueueMillis())
                .put("ctime_max", counts.maxConnectMillis())
                .put("ttime_max", counts.maxTotalMillis())
                .put("connect", counts.attempts())
                .zeros("eresp", "rtime", "rtime_max", "reuse");
    }

    private static Row server(ServiceReport service, ServerReport server, int proxy, int number) {
        CheckReport check = server.check();
        Builder row =
                begin(service, server.name(), proxy, number, 2)
                        .put("status", status(server))
                        .put("weight", server.weight())
                        .put("uweight", server.weight())
                        .put("act", server.isBackup() ? 0 : 1)
                        .put("bck", server.isBackup() ? 1 : 0)
                        .put("chkfail", check.failures())
                        .put("chkdown", server.timesDown())
                        .put("lastchg", server.changedSeconds())
                        .put("downtime", server.downtimeSeconds())
                        .put("addr", server.address().toString())
                        .put("srv_icur", 0)
                        .put("used_conn_cur", server.counts().sessions())
                        .put("need_conn_est", server.counts().maxSessions())
                        .zeros("idle_conn_cur", "safe_conn_cur");
        if (server.limit() > 0) {
            row.put("slim", server.limit());
        }
        if (server.throttle() < 100) {
            row.put("throttle", server.throttle());
        }
        if (!check.status().isEmpty()) {
            row.put("check_status", check.status())
                    .put("check_duration", check.millis())
                    .put("last_chk", check.description())
                    .put("check_desc", describe(check.status()))
                    .put("check_rise", check.rise())
                    .put("check_fall", check.fall())
                    .put("check_health", check.health());
            if (check.code() > 0) {
                row.put("check_code", check.code());
            }
        }
        sessions(row, server.counts());
        relay(row, server.counts());
        modules(row, false);
        return new Row("Server", proxy, number, row.values);
    }

    /** With how far it is on its way when checks are about to change it. */
    static String status(ServerReport server) {
        CheckReport check = server.check();
        String name = server.status().name();
        if (check.status().isEmpty()) {
            return name;
        }
        return switch (server.status()) {
            case UP ->
                    check.health() < check.rise() + check.fall() - 1
                            ? "UP " + (check.health() - check.rise() + 1) + "/" + check.fall()
                            : name;
            case DOWN ->
                    check.health() > 0 && check.health() < check.rise()
                            ? "DOWN " + check.health() + "/" + check.rise()
                            : name;
            case NOLB, MAINT, DRAIN -> name;
        };
    }

    static String describe(String checkStatus) {
        return switch (checkStatus) {
            case "L4CON" -> "Layer4 connection problem";
            case "L4TOUT" -> "Layer4 timeout";
            case "L7OK" -> "Layer7 check passed";
            case "L7STS" -> "Layer7 wrong status";
            case "L7TOUT" -> "Layer7 timeout";
            case "L7RSP" -> "Layer7 invalid response";
            default -> "";
        };
    }

    private static Row backend(ServiceReport service, int proxy) {
        Counts counts = service.backend();
        Builder row =
                begin(service, "BACKEND", proxy, 0, 1)
                        .put("slim", Math.max(1, service.limit() / 10))
                        .put("dreq", counts.refused())
                        .put("status", service.isUp() ? "UP" : "DOWN")
                        .put("weight", service.weight())
                        .put("uweight", service.weight())
                        .put("act", service.serving(false))
                        .put("bck", service.serving(true))
                        .put("chkdown", service.timesDown())
                        .put("lastchg", service.changedSeconds())
                        .put("downtime", service.downtimeSeconds())
                        .put("algo", service.balance())
                        .zeros("comp_in", "comp_out", "comp_byp", "comp_rsp")
                        .zeros("agg_server_status", "agg_server_check_status")
                        .zeros("agg_check_status");
        sessions(row, counts);
        relay(row, counts);
        modules(row, true);
        return new Row("Backend", proxy, 0, row.values);
    }

    /** What HAProxy's modules for TLS and HTTP add at the end. */
    private static void modules(Builder row, boolean hasHttp) {
        for (Columns.Column column : Columns.ALL) {
            String name = column.name();
            if (name.startsWith("ssl_")
                    || hasHttp && (name.startsWith("h1_") || name.startsWith("h2_"))) {
                row.put(name, 0);
            }
        }
    }
}
