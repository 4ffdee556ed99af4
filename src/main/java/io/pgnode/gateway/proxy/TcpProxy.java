package io.pgnode.gateway.proxy;

import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.stats.Counts;
import io.pgnode.gateway.stats.Desk;
import io.pgnode.gateway.stats.ProcessReport;
import io.pgnode.gateway.stats.ServiceReport;
import io.pgnode.gateway.stats.SessionReport;
import io.pgnode.net.EventLoops;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** All services in mode tcp of a gateway, which may come and go at run time. Thread-safe. */
public final class TcpProxy implements Desk, AutoCloseable {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final EventLoops loops;
    private final Router router;
    private final LongSupplier nanos;
    private final LongSupplier random;
    private final Resolver resolver;
    private final AtomicLong ids = new AtomicLong();
    private final ProcessFacts facts;
    private final long beganNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, TcpService> services = new LinkedHashMap<>();
    private final Set<TcpService> retired = ConcurrentHashMap.newKeySet();
    private long idleSinceNanos;
    private long cpuNanos;
    private int idlePercent = 100;

    /**
     * What does not change while the process lives.
     *
     * @param startSeconds since 1970
     */
    public record ProcessFacts(String node, String version, long pid, long startSeconds) {}

    /**
     * @param nanos monotonic clock
     */
    public TcpProxy(
            EventLoops loops,
            Router router,
            LongSupplier nanos,
            RandomGenerator random,
            ProcessFacts facts) {
        this.loops = loops;
        this.router = router;
        this.nanos = nanos;
        this.random = random::nextLong;
        this.facts = facts;
        this.beganNanos = nanos.getAsLong();
        this.idleSinceNanos = beganNanos;
        this.resolver =
                new Resolver(
                        nanos,
                        Executors.newThreadPerTaskExecutor(
                                Thread.ofVirtual().name("gateway-resolver").factory()));
    }

    /**
     * Opens a service. One of the same name is replaced: its sessions go on until they end.
     *
     * @throws IOException when an address cannot be had; the service is then not open at all
     */
    public void add(ServiceSpec spec) throws IOException {
        TcpService service =
                new TcpService(spec, loops, nanos, random, ids::incrementAndGet, resolver);
        TcpService old = take(spec.name());
        if (old != null) {
            retire(old);
        }
        service.open();
        lock.lock();
        try {
            services.put(spec.name(), service);
        } finally {
            lock.unlock();
        }
        router.add(spec, service);
    }

    private void retire(TcpService old) {
        retired.add(old);
        old.retire(
                () -> {
                    retired.remove(old);
                    router.remove(old);
                    old.close();
                });
    }

    /** A service takes no new clients, until it is {@linkplain #add added} again or goes. */
    public void stopListening(String name) {
        TcpService service = service(name);
        if (service != null) {
            service.stopListening();
        }
    }

    /** A service takes no new clients; it is gone when its sessions have ended. */
    public void retire(String name) {
        TcpService service = take(name);
        if (service != null) {
            retire(service);
        }
    }

    /** Closes a service with its sessions. */
    public void remove(String name) {
        TcpService service = take(name);
        if (service != null) {
            router.remove(service);
            service.close();
        }
    }

    private @Nullable TcpService take(String name) {
        lock.lock();
        try {
            return services.remove(name);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable TcpService service(String name) {
        lock.lock();
        try {
            return services.get(name);
        } finally {
            lock.unlock();
        }
    }

    private List<TcpService> all() {
        lock.lock();
        try {
            return List.copyOf(services.values());
        } finally {
            lock.unlock();
        }
    }

    /** The TCP port in use; zero for an unknown service or one with unix sockets alone. */
    public int port(String name) {
        TcpService service = service(name);
        return service == null ? 0 : service.port();
    }

    /** New clients are refused from now on; the present ones go on. */
    public void drain() {
        all().forEach(TcpService::stopListening);
    }

    /** Whether no client is left, of any service. */
    public boolean isEmpty() {
        return all().stream().allMatch(TcpService::isEmpty)
                && retired.stream().allMatch(TcpService::isEmpty);
    }

    @Override
    public ProcessReport process() {
        long connections = 0;
        long total = 0;
        long rate = 0;
        long maxRate = 0;
        long limit = 0;
        long bytesOut = 0;
        int listeners = 0;
        for (TcpService service : all()) {
            ServiceReport report = service.report();
            Counts counts = report.frontend();
            connections += counts.sessions();
            total += counts.sessionsTotal();
            rate += counts.rate();
            maxRate += counts.maxRate();
            bytesOut += counts.bytesOut();
            limit += report.limit();
            listeners += service.listenerCount();
        }
        Runtime runtime = Runtime.getRuntime();
        return new ProcessReport(
                facts.node(),
                facts.version(),
                facts.pid(),
                loops.count(),
                facts.startSeconds(),
                (nanos.getAsLong() - beganNanos) / NANOS_PER_SECOND,
                limit,
                connections,
                total,
                rate,
                maxRate,
                listeners,
                runtime.totalMemory() - runtime.freeMemory(),
                runtime.maxMemory(),
                bytesOut,
                idlePercent());
    }

    /** The process' CPU time against what its loops could have had, over at least a second. */
    private int idlePercent() {
        lock.lock();
        try {
            long now = nanos.getAsLong();
            long passed = now - idleSinceNanos;
            if (passed >= NANOS_PER_SECOND) {
                long cpu =
                        ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .map(Duration::toNanos)
                                .orElse(cpuNanos);
                double busy = (double) (cpu - cpuNanos) / (passed * loops.count());
                idlePercent = (int) Math.max(0, Math.min(100, 100 - Math.round(100 * busy)));
                cpuNanos = cpu;
                idleSinceNanos = now;
            }
            return idlePercent;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<ServiceReport> services() {
        return all().stream().map(TcpService::report).toList();
    }

    @Override
    public List<SessionReport> sessions(String service) {
        if (!service.isEmpty()) {
            TcpService one = service(service);
            return one == null ? List.of() : one.sessionReports();
        }
        List<SessionReport> result = new ArrayList<>();
        all().forEach(each -> result.addAll(each.sessionReports()));
        return result;
    }

    @Override
    public ServerAdmin admin(String service, String server) {
        return router.admin(service, server);
    }

    @Override
    public void change(String service, String server, UnaryOperator<ServerAdmin> change) {
        router.change(service, server, change);
    }

    @Override
    public int closeSessions(String service, String server) {
        TcpService one = service(service);
        return one == null ? 0 : one.closeSessions(server);
    }

    @Override
    public void limit(String service, int connections) {
        TcpService one = service(service);
        if (one != null) {
            one.limit(connections);
        }
    }

    @Override
    public void clear(boolean all) {
        all().forEach(service -> service.clear(all));
    }

    @Override
    public void close() {
        all().forEach(TcpService::close);
        retired.forEach(TcpService::close);
    }
}
