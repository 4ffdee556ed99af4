package io.pgnode.gateway;

import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.pooler.PooledService;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.stats.Counts;
import io.pgnode.gateway.stats.Desk;
import io.pgnode.gateway.stats.ProcessReport;
import io.pgnode.gateway.stats.ServiceReport;
import io.pgnode.gateway.stats.SessionReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The services of both modes as one desk. Thread-safe. */
final class AllServices implements Desk {
    private final TcpProxy tcp;
    private final @Nullable NodePooler pooler;
    private volatile List<String> order = List.of();

    AllServices(TcpProxy tcp, @Nullable NodePooler pooler) {
        this.tcp = tcp;
        this.pooler = pooler;
    }

    /**
     * @param names of the services as they are configured
     */
    void order(List<String> names) {
        order = List.copyOf(names);
    }

    private List<PooledService> pooled() {
        return pooler == null ? List.of() : pooler.services();
    }

    private @Nullable PooledService pooled(String name) {
        return pooler == null ? null : pooler.service(name);
    }

    @Override
    public ProcessReport process() {
        ProcessReport base = tcp.process();
        long limit = base.connectionLimit();
        long connections = base.connections();
        long total = base.connectionsTotal();
        long rate = base.rate();
        long maxRate = base.maxRate();
        long bytesOut = base.bytesOut();
        int listeners = base.listeners();
        for (PooledService service : pooled()) {
            ServiceReport report = service.report();
            Counts counts = report.frontend();
            limit += report.limit();
            connections += counts.sessions();
            total += counts.sessionsTotal();
            rate += counts.rate();
            maxRate += counts.maxRate();
            bytesOut += counts.bytesOut();
            listeners += service.listenerCount();
        }
        return new ProcessReport(
                base.node(),
                base.version(),
                base.pid(),
                base.threads(),
                base.startSeconds(),
                base.uptimeSeconds(),
                limit,
                connections,
                total,
                rate,
                maxRate,
                listeners,
                base.heapBytes(),
                base.maxHeapBytes(),
                bytesOut,
                base.idlePercent());
    }

    @Override
    public List<ServiceReport> services() {
        List<ServiceReport> result = new ArrayList<>();
        pooled().forEach(service -> result.add(service.report()));
        result.addAll(tcp.services());
        List<String> names = order;
        result.sort(Comparator.comparingInt(report -> names.indexOf(report.name())));
        return result;
    }

    @Override
    public List<SessionReport> sessions(String service) {
        List<SessionReport> result = new ArrayList<>(tcp.sessions(service));
        for (PooledService each : pooled()) {
            if (service.isEmpty() || service.equals(each.spec().name())) {
                result.addAll(each.sessionReports());
            }
        }
        return result;
    }

    @Override
    public ServerAdmin admin(String service, String server) {
        return tcp.admin(service, server);
    }

    @Override
    public void change(String service, String server, UnaryOperator<ServerAdmin> change) {
        tcp.change(service, server, change);
    }

    @Override
    public int closeSessions(String service, String server) {
        PooledService mine = pooled(service);
        return mine == null ? tcp.closeSessions(service, server) : mine.closeSessions(server);
    }

    @Override
    public void limit(String service, int connections) {
        PooledService mine = pooled(service);
        if (mine == null) {
            tcp.limit(service, connections);
        } else {
            mine.limit(connections);
        }
    }

    @Override
    public void clear(boolean all) {
        tcp.clear(all);
        pooled().forEach(service -> service.clear(all));
    }
}
