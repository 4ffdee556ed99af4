package io.pgnode.gateway.stats;

import static io.pgnode.metrics.MetricType.GAUGE;

import io.pgnode.gateway.route.core.ServerStatus;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.Labels;
import java.util.List;
import java.util.function.Predicate;

/** HAProxy's metrics in Prometheus' text format. */
public final class MetricsText {
    private static final List<String> CHECK_STATES =
            List.of(
                    "HANA",
                    "SOCKERR",
                    "L4OK",
                    "L4TOUT",
                    "L4CON",
                    "L6OK",
                    "L6TOUT",
                    "L6RSP",
                    "L7TOUT",
                    "L7RSP",
                    "L7OK",
                    "L7OKC",
                    "L7STS",
                    "PROCERR",
                    "PROCTOUT",
                    "PROCOK");

    /** As HAProxy orders them. */
    private static final List<ServerStatus> SERVER_STATES =
            List.of(
                    ServerStatus.DOWN,
                    ServerStatus.UP,
                    ServerStatus.MAINT,
                    ServerStatus.DRAIN,
                    ServerStatus.NOLB);

    private MetricsText() {}

    /** Appends all families, so that others can add their own. */
    public static void write(Exposition out, Desk desk) {
        ProcessReport process = desk.process();
        List<ServiceReport> services = desk.services();
        process(out, process);
        for (Families.Family<ServiceReport> family : Families.FRONTEND) {
            out.family(family.name(), family.type(), family.help());
            for (ServiceReport service : services) {
                out.sample(proxy(service), family.value().applyAsDouble(service));
            }
        }
        upOrDown(out, "haproxy_frontend_status", services, ServiceReport::isOpen);
        for (Families.Family<ServiceReport> family : Families.BACKEND) {
            out.family(family.name(), family.type(), family.help());
            for (ServiceReport service : services) {
                out.sample(proxy(service), family.value().applyAsDouble(service));
            }
        }
        upOrDown(out, "haproxy_backend_status", services, ServiceReport::isUp);
        aggregate(out, services);
        for (Families.Family<ServerReport> family : Families.SERVER) {
            out.family(family.name(), family.type(), family.help());
            for (ServiceReport service : services) {
                for (ServerReport server : service.servers()) {
                    out.sample(labels(service, server), family.value().applyAsDouble(server));
                }
            }
        }
        serverStatus(out, services);
        checkStatus(out, services);
    }

    private static void process(Exposition out, ProcessReport process) {
        for (Families.Family<ProcessReport> family : Families.PROCESS) {
            out.family(family.name(), family.type(), family.help())
                    .sample(Labels.NONE, family.value().applyAsDouble(process));
        }
        out.family("haproxy_process_build_info", GAUGE, "Build info")
                .sample(Labels.of("version", process.version()), 1);
    }

    private static Labels proxy(ServiceReport service) {
        return Labels.of("proxy", service.name());
    }

    private static Labels labels(ServiceReport service, ServerReport server) {
        return Labels.of("proxy", service.name(), "server", server.name());
    }

    private static void upOrDown(
            Exposition out,
            String name,
            List<ServiceReport> services,
            Predicate<ServiceReport> isUp) {
        out.family(name, GAUGE, "Current status of the service, per state label value.");
        for (ServiceReport service : services) {
            boolean up = isUp.test(service);
            out.sample(proxy(service).with("state", "DOWN"), up ? 0 : 1);
            out.sample(proxy(service).with("state", "UP"), up ? 1 : 0);
        }
    }

    private static void aggregate(Exposition out, List<ServiceReport> services) {
        for (String name :
                List.of(
                        "haproxy_backend_agg_server_status",
                        "haproxy_backend_agg_server_check_status")) {
            out.family(
                    name,
                    GAUGE,
                    name.endsWith("check_status")
                            ? "Backend's aggregated gauge of servers' state check status"
                            : "Backend's aggregated gauge of servers' status");
            for (ServiceReport service : services) {
                for (ServerStatus state : SERVER_STATES) {
                    long count =
                            service.servers().stream()
                                    .filter(server -> server.status() == state)
                                    .count();
                    out.sample(proxy(service).with("state", state.name()), count);
                }
            }
        }
        out.family(
                "haproxy_backend_agg_check_status",
                GAUGE,
                "Backend's aggregated gauge of servers' state check status");
        for (ServiceReport service : services) {
            for (String state : CHECK_STATES) {
                long count =
                        service.servers().stream()
                                .filter(server -> server.check().status().equals(state))
                                .count();
                out.sample(proxy(service).with("state", state), count);
            }
        }
    }

    private static void serverStatus(Exposition out, List<ServiceReport> services) {
        out.family(
                "haproxy_server_status",
                GAUGE,
                "Current status of the service, per state label value.");
        for (ServiceReport service : services) {
            for (ServerReport server : service.servers()) {
                for (ServerStatus state : SERVER_STATES) {
                    out.sample(
                            labels(service, server).with("state", state.name()),
                            server.status() == state ? 1 : 0);
                }
            }
        }
    }

    private static void checkStatus(Exposition out, List<ServiceReport> services) {
        out.family(
                "haproxy_server_check_status",
                GAUGE,
                "Status of last health check, per state label value.");
        for (ServiceReport service : services) {
            for (ServerReport server : service.servers()) {
                for (String state : CHECK_STATES) {
                    out.sample(
                            labels(service, server).with("state", state),
                            server.check().status().equals(state) ? 1 : 0);
                }
            }
        }
    }
}
