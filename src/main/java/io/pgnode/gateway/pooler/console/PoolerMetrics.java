package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.core.HoldState;
import io.pgnode.gateway.pooler.core.LatencyHistogram;
import io.pgnode.gateway.pooler.core.PoolTotals;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.Labels;
import io.pgnode.metrics.MetricSource;
import io.pgnode.metrics.MetricType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The pooler's numbers for Prometheus: under the names of Pigsty's pg_exporter, those of the
 * community's pgbouncer_exporter, and, what neither has, histograms of our own. Thread-safe.
 */
public final class PoolerMetrics implements MetricSource {
    private static final double MICRO = 1e-6;
    private static final double NANO = 1e-9;

    /** Upper bounds of the printed buckets are powers of two, microseconds: 2^4 up to 2^24. */
    private static final int FIRST_POWER = 4;

    private static final int LAST_POWER = 24;

    private final PoolerAdmin admin;
    private final ConsoleSetup setup;

    public PoolerMetrics(PoolerAdmin admin, ConsoleSetup setup) {
        this.admin = admin;
        this.setup = setup;
    }

    @Override
    public void writeTo(Exposition out) {
        List<PoolView> pools = admin.pools();
        List<DatabaseView> databases = admin.databases();
        Map<String, PoolTotals> totals = Statistics.totals(admin);
        out.family("pgbouncer_up", MetricType.GAUGE, "whether the pooler answers")
                .sample(Labels.NONE, 1L);
        out.family("pgbouncer_version_info", MetricType.GAUGE, "version that the console reports")
                .sample(Labels.of("version", CommandParser.VERSION), 1L);
        lists(out);
        pigstyDatabases(out, databases);
        pigstyStats(out, totals);
        pigstyPools(out, pools);
        community(out, databases, totals, pools);
        config(out);
        histograms(out, admin.latencies());
        holds(out, admin.holds());
    }

    private static void holds(Exposition out, List<HoldView> holds) {
        out.family(
                "pgnode_gateway_hold_state",
                MetricType.GAUGE,
                "how far a hold of clients is: 1 for the present state");
        for (HoldView hold : holds) {
            for (HoldState state : HoldState.values()) {
                out.sample(
                        Labels.of(
                                "scope",
                                hold.scope(),
                                "state",
                                state.name().toLowerCase(Locale.ROOT)),
                        hold.state() == state ? 1L : 0L);
            }
        }
    }

    private void lists(Exposition out) {
        Table lists = Tables.lists(admin);
        out.family("pgbouncer_list_items", MetricType.GAUGE, "SHOW LISTS");
        lists.rows()
                .forEach(
                        row ->
                                out.sample(
                                        Labels.of("list", String.valueOf(row.getFirst())),
                                        Long.parseLong(String.valueOf(row.getLast()))));
        lists.rows()
                .forEach(
                        row -> {
                            String name =
                                    switch (String.valueOf(row.getFirst())) {
                                        case "databases" -> "pgbouncer_databases";
                                        case "users" -> "pgbouncer_users";
                                        case "pools" -> "pgbouncer_pools";
                                        case "free_clients" -> "pgbouncer_free_clients";
                                        case "used_clients" -> "pgbouncer_used_clients";
                                        case "login_clients" -> "pgbouncer_login_clients";
                                        case "free_servers" -> "pgbouncer_free_servers";
                                        case "used_servers" -> "pgbouncer_used_servers";
                                        case "dns_names" -> "pgbouncer_cached_dns_names";
                                        case "dns_zones" -> "pgbouncer_cached_dns_zones";
                                        case "dns_queries" -> "pgbouncer_in_flight_dns_queries";
                                        default -> "";
                                    };
                            if (!name.isEmpty()) {
                                out.family(name, MetricType.GAUGE, "SHOW LISTS")
                                        .sample(
                                                Labels.NONE,
                                                Long.parseLong(String.valueOf(row.getLast())));
                            }
                        });
    }

    private void config(Exposition out) {
        for (ConfigLine line : setup.config()) {
            String name =
                    switch (line.key()) {
                        case "max_client_conn" -> "pgbouncer_config_max_client_connections";
                        case "max_user_connections" -> "pgbouncer_config_max_user_connections";
                        default -> "";
                    };
            String value = line.value();
            if (!name.isEmpty() && value != null && !value.isEmpty()) {
                out.family(name, MetricType.GAUGE, "SHOW CONFIG")
                        .sample(Labels.NONE, Long.parseLong(value.strip()));
            }
        }
    }

    // ---------------------------------------------------------------- names of Pigsty's exporter

    private static void pigstyDatabases(Exposition out, List<DatabaseView> databases) {
        Function<DatabaseView, Labels> labels =
                database ->
                        Labels.of(
                                "datname",
                                database.name(),
                                "host",
                                database.host() == null ? "" : database.host(),
                                "port",
                                String.valueOf(database.port()),
                                "real_datname",
                                database.database());
        Families<DatabaseView> all =
                new Families<>(out, "pgbouncer_database_", "SHOW DATABASES", databases, labels);
        all.gauge("pool_size", DatabaseView::poolSize);
        all.gauge("min_pool_size", DatabaseView::minPoolSize);
        all.gauge("reserve_pool", DatabaseView::reserveSize);
        all.gauge("max_connections", DatabaseView::maxServers);
        all.gauge("current_connections", DatabaseView::servers);
        all.gauge("max_client_connections", DatabaseView::maxClients);
        all.gauge("current_client_connections", DatabaseView::clients);
        all.gauge("paused", database -> database.isPaused() ? 1 : 0);
        all.gauge("disabled", database -> database.isDisabled() ? 1 : 0);
    }

    private void pigstyStats(Exposition out, Map<String, PoolTotals> totals) {
        Families<Map.Entry<String, PoolTotals>> all = byDatabase(out, "pgbouncer_stat_", totals);
        all.counter("total_server_assignment_count", of -> of.getValue().assignments());
        all.counter("total_xact_count", of -> of.getValue().transactions());
        all.counter("total_query_count", of -> of.getValue().queries());
        all.counter("total_received", of -> of.getValue().received());
        all.counter("total_sent", of -> of.getValue().sent());
        all.counter("total_xact_time", of -> of.getValue().transactionMicros() * MICRO);
        all.counter("total_query_time", of -> of.getValue().queryMicros() * MICRO);
        all.counter("total_wait_time", of -> of.getValue().waitMicros() * MICRO);
        all.counter("total_client_parse_count", of -> of.getValue().clientParses());
        all.counter("total_server_parse_count", of -> of.getValue().serverParses());
        all.counter("total_bind_count", of -> of.getValue().binds());
        Families<PoolerAdmin.Averages> averages =
                new Families<>(
                        out,
                        "pgbouncer_stat_",
                        "SHOW STATS",
                        admin.averages(),
                        of -> Labels.of("datname", of.database()));
        averages.gauge("avg_server_assignment_count", of -> of.averages().assignments());
        averages.gauge("avg_xact_count", of -> of.averages().transactions());
        averages.gauge("avg_query_count", of -> of.averages().queries());
        averages.gauge("avg_recv", of -> of.averages().received());
        averages.gauge("avg_sent", of -> of.averages().sent());
        averages.gauge("avg_xact_time", of -> of.averages().transactionMicros() * MICRO);
        averages.gauge("avg_query_time", of -> of.averages().queryMicros() * MICRO);
        averages.gauge("avg_wait_time", of -> of.averages().waitMicros() * MICRO);
        averages.gauge("avg_client_parse_count", of -> of.averages().clientParses());
        averages.gauge("avg_server_parse_count", of -> of.averages().serverParses());
        averages.gauge("avg_bind_count", of -> of.averages().binds());
    }

    private static Families<Map.Entry<String, PoolTotals>> byDatabase(
            Exposition out, String prefix, Map<String, PoolTotals> totals) {
        return new Families<>(
                out,
                prefix,
                "SHOW STATS",
                List.copyOf(totals.entrySet()),
                of -> Labels.of("datname", of.getKey()));
    }

    private static void pigstyPools(Exposition out, List<PoolView> pools) {
        Families<PoolView> all =
                new Families<>(
                        out,
                        "pgbouncer_pool_",
                        "SHOW POOLS",
                        pools,
                        pool ->
                                Labels.of(
                                        "datname",
                                        pool.database(),
                                        "user",
                                        pool.user(),
                                        "pool_mode",
                                        pool.mode()));
        all.gauge("active_clients", PoolView::clients);
        all.gauge("waiting_clients", PoolView::waiting);
        all.gauge("active_cancel_clients", PoolView::activeCancels);
        all.gauge("cancel_clients", _ -> 0);
        all.gauge("active_servers", PoolView::active);
        all.gauge("active_cancel_servers", PoolView::activeCancels);
        all.gauge("cancel_servers", PoolView::beingCancelled);
        all.gauge("idle_servers", PoolView::idle);
        all.gauge("used_servers", _ -> 0);
        all.gauge("tested_servers", _ -> 0);
        all.gauge("login_servers", PoolView::opening);
        all.gauge("maxwait", pool -> Math.floor(pool.maxWaitNanos() * NANO));
        all.gauge("maxwait_us", pool -> pool.maxWaitNanos() / 1_000 % 1_000_000);
    }

    // ---------------------------------------------------------------- names of the community's

    private static void community(
            Exposition out,
            List<DatabaseView> databases,
            Map<String, PoolTotals> totals,
            List<PoolView> pools) {
        Families<DatabaseView> each =
                new Families<>(
                        out,
                        "pgbouncer_databases_",
                        "SHOW DATABASES",
                        databases,
                        database ->
                                Labels.of(
                                        "name",
                                        database.name(),
                                        "host",
                                        database.host() == null ? "" : database.host(),
                                        "port",
                                        String.valueOf(database.port()),
                                        "database",
                                        database.database(),
                                        "force_user",
                                        database.forcedUser() == null ? "" : database.forcedUser(),
                                        "pool_mode",
                                        database.mode() == null ? "" : database.mode()));
        each.gauge("pool_size", DatabaseView::poolSize);
        each.gauge("reserve_pool_size", DatabaseView::reserveSize);
        each.gauge("max_connections", DatabaseView::maxServers);
        each.gauge("current_connections", DatabaseView::servers);
        each.gauge("paused", database -> database.isPaused() ? 1 : 0);
        each.gauge("disabled", database -> database.isDisabled() ? 1 : 0);
        Families<Map.Entry<String, PoolTotals>> stats =
                new Families<>(
                        out,
                        "pgbouncer_stats_",
                        "SHOW STATS",
                        List.copyOf(totals.entrySet()),
                        of -> Labels.of("database", of.getKey()));
        stats.counter("server_assignments_total", of -> of.getValue().assignments());
        stats.counter("sql_transactions_pooled_total", of -> of.getValue().transactions());
        stats.counter("queries_pooled_total", of -> of.getValue().queries());
        stats.counter("received_bytes_total", of -> of.getValue().received());
        stats.counter("sent_bytes_total", of -> of.getValue().sent());
        stats.counter(
                "server_in_transaction_seconds_total",
                of -> of.getValue().transactionMicros() * MICRO);
        stats.counter("queries_duration_seconds_total", of -> of.getValue().queryMicros() * MICRO);
        stats.counter("client_wait_seconds_total", of -> of.getValue().waitMicros() * MICRO);
        Families<PoolView> of =
                new Families<>(
                        out,
                        "pgbouncer_pools_",
                        "SHOW POOLS",
                        pools,
                        pool -> Labels.of("database", pool.database(), "user", pool.user()));
        of.gauge("client_active_connections", PoolView::clients);
        of.gauge("client_waiting_connections", PoolView::waiting);
        of.gauge("client_maxwait_seconds", pool -> pool.maxWaitNanos() * NANO);
        of.gauge("server_active_connections", PoolView::active);
        of.gauge("server_idle_connections", PoolView::idle);
        of.gauge("server_used_connections", _ -> 0);
        of.gauge("server_testing_connections", _ -> 0);
        of.gauge("server_login_connections", PoolView::opening);
    }

    // ---------------------------------------------------------------- our own

    private static void histograms(Exposition out, List<PoolerAdmin.Latencies> pools) {
        histogram(out, pools, "queue", "waiting for a server", PoolerAdmin.Latencies::queue);
        histogram(
                out,
                pools,
                "link",
                "bringing the server to the client, and its settings up to date",
                PoolerAdmin.Latencies::link);
        histogram(out, pools, "server", "the server at work", PoolerAdmin.Latencies::server);
        histogram(
                out,
                pools,
                "write",
                "waiting for the client to read its result",
                PoolerAdmin.Latencies::write);
    }

    private static void histogram(
            Exposition out,
            List<PoolerAdmin.Latencies> pools,
            String phase,
            String help,
            Function<PoolerAdmin.Latencies, LatencyHistogram> which) {
        out.family(
                "pgnode_pooler_" + phase + "_seconds",
                MetricType.HISTOGRAM,
                "part of a query's time: " + help);
        for (PoolerAdmin.Latencies pool : pools) {
            Labels labels = Labels.of("database", pool.database(), "user", pool.user());
            LatencyHistogram times = which.apply(pool);
            for (int power = FIRST_POWER; power <= LAST_POWER; power++) {
                long micros = 1L << power;
                out.sample(
                        "_bucket",
                        labels.with("le", String.valueOf(micros * MICRO)),
                        (double) times.countUpTo(micros - 1));
            }
            out.sample("_bucket", labels.with("le", "+Inf"), (double) times.count());
            out.sample("_sum", labels, times.sumNanos() * NANO);
            out.sample("_count", labels, (double) times.count());
        }
    }

    /** Families with one sample for each of the same things. */
    private record Families<T>(
            Exposition out,
            String prefix,
            String help,
            List<T> things,
            Function<T, Labels> labels) {
        void gauge(String name, ToDoubleFunction<T> value) {
            write(name, MetricType.GAUGE, value);
        }

        void counter(String name, ToDoubleFunction<T> value) {
            write(name, MetricType.COUNTER, value);
        }

        private void write(String name, MetricType type, ToDoubleFunction<T> value) {
            out.family(prefix + name, type, help + " " + name);
            for (T thing : things) {
                out.sample(labels.apply(thing), value.applyAsDouble(thing));
            }
        }
    }
}
