package io.pgnode.gateway.pooler;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.feed.HoldDesk;
import io.pgnode.gateway.pooler.console.ConfigLine;
import io.pgnode.gateway.pooler.console.ConsoleSetup;
import io.pgnode.gateway.pooler.console.PoolerMetrics;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.metrics.MetricSource;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.Reservation;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The pooler of a node of a cluster: a port for the PostgreSQL of this node, and the services in
 * mode pooled, whose members the router tells. Thread-safe; calls that open, close or reload block.
 */
public final class NodePooler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(NodePooler.class);
    private static final int MOCK_SEED_BYTES = 32;

    private final EventLoops loops;
    private final Router router;
    private final LongSupplier nanos;
    private final LongSupplier leaseNanos;
    private final SecureRandom random;
    private final Operator operator;
    private final Pooler pooler;
    private final SetupReader.Means means;
    private final MemberLinks links;
    private final MetricSource metrics;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, String> overrides = new LinkedHashMap<>();
    private final Map<String, PooledService> services = new LinkedHashMap<>();
    private final List<PooledService> retired = new ArrayList<>();
    private final Gate own;
    private @Nullable PrimaryRoute primary;
    private @Nullable ServiceSpec primarySpec;
    private volatile PgnodeConfig config;
    private volatile PoolerIni ini;

    /** Whom the console's orders about the whole process go to. */
    public interface Operator {
        /** Reads the configuration again; what is wrong with it, in which case nothing changed. */
        List<String> reload();

        /** Ends the process; returns at once. */
        void end();
    }

    /** The configuration is wrong; nothing was started or changed. */
    public static final class BadConfig extends Exception {
        private final List<IniProblem> problems;

        BadConfig(List<IniProblem> problems) {
            super(problems.toString());
            this.problems = List.copyOf(problems);
        }

        public List<IniProblem> problems() {
            return problems;
        }

        /** As lines of a report. */
        public List<String> messages() {
            return problems.stream().map(IniProblem::toString).toList();
        }
    }

    private NodePooler(
            PgnodeConfig config,
            NodeSettings.Read read,
            Pooler pooler,
            SetupReader.Means means,
            EventLoops loops,
            Router router,
            Surroundings around) {
        this.config = config;
        this.ini = read.ini();
        this.pooler = pooler;
        this.means = means;
        this.loops = loops;
        this.router = router;
        this.nanos = around.nanos();
        this.leaseNanos = around.leaseNanos();
        this.random = around.random();
        this.operator = around.operator();
        this.links =
                new MemberLinks(
                        around.self(), work -> Thread.ofVirtual().name("names").start(work));
        this.own = pooler.listeners().gate();
        pooler.holds().noPrimaryLimit(config.gateway().failoverTimeout());
        pooler.holds().self(around.self());
        Desk desk = new Desk();
        this.metrics = new PoolerMetrics(pooler.desk(), desk);
        pooler.desk().open(desk, () -> SetupReader.declared(pooler.setup(), ini));
        pooler.adminDoor(pooler.desk()::enter);
    }

    /**
     * Where the pooler lives.
     *
     * @param self name of the member whose PostgreSQL is on this node
     * @param leaseNanos the monotonic clock that leases count on
     * @param nanos a monotonic clock that costs little
     */
    public record Surroundings(
            String self,
            LongSupplier leaseNanos,
            LongSupplier nanos,
            SecureRandom random,
            Operator operator) {}

    /**
     * Listens on the pooler's own port; services come with {@link #open}.
     *
     * @param loops closed by their owner
     */
    public static NodePooler start(
            PgnodeConfig config, EventLoops loops, Router router, Surroundings around)
            throws IOException, BadConfig {
        Secrets secrets = new Secrets(around.random());
        ExecutorService workers = workers();
        AuthQuery query = new AuthQuery(loops, secrets, workers, around.nanos());
        SetupReader.Means means =
                new SetupReader.Means(
                        query,
                        workers,
                        secrets,
                        secrets.bytes(MOCK_SEED_BYTES),
                        StandalonePooler.openDescriptors());
        NodeSettings.Read read;
        PoolerSetup setup;
        boolean isRight = false;
        try {
            read = NodeSettings.read(config, Map.of());
            setup = read.setup(means);
            isRight = true;
        } catch (PoolerIni.Wrong e) {
            throw new BadConfig(e.problems());
        } finally {
            if (!isRight) {
                workers.shutdownNow();
            }
        }
        read.ini().warnings().forEach(warning -> LOG.warnf("%s", warning));
        Pooler pooler = new Pooler(loops, secrets, setup, workers, 0, ownUid());
        query.listener(pooler.greeter()::learn);
        NodePooler result = new NodePooler(config, read, pooler, means, loops, router, around);
        try {
            result.listen(read.ini().listening());
            result.followPrimary();
        } catch (IOException e) {
            result.close();
            throw e;
        }
        result.refreshNamesForEver();
        return result;
    }

    /** Few and of low priority: a storm of handshakes must not slow the event loops. */
    private static ExecutorService workers() {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return Executors.newFixedThreadPool(
                count, new DefaultThreadFactory("pooler-work", true, Thread.MIN_PRIORITY));
    }

    private static int ownUid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid
                ? uid
                : -1;
    }

    private void refreshNamesForEver() {
        long seconds = Math.max(1, ini.health().dnsLife().toSeconds());
        var _ =
                loops.loop(0)
                        .scheduleWithFixedDelay(
                                () ->
                                        Thread.ofVirtual()
                                                .name("names")
                                                .start(pooler.pools()::refreshNames),
                                seconds,
                                seconds,
                                TimeUnit.SECONDS);
    }

    private void listen(PoolerIni.Listening where) throws IOException {
        pooler.listeners().configure(where);
        try {
            for (SocketAddress address : StandalonePooler.addresses(where)) {
                own.open(address, where.socketMode());
            }
        } catch (IOException e) {
            own.close();
            throw new IOException("the pooler " + e.getMessage(), e);
        }
        LOG.infof("pooler opened: listen=%s port=%s", where.addresses(), where.port());
    }

    /** All that is wrong with what a configuration says of the pooler; places are its keys. */
    public static List<IniProblem> problems(PgnodeConfig config) {
        return NodeSettings.problems(config);
    }

    /** The pooler's numbers. */
    public MetricSource metrics() {
        return metrics;
    }

    Pooler pooler() {
        return pooler;
    }

    // ---------------------------------------------------------------- services

    /**
     * Opens a service. One of the same name is replaced: its listeners close first, and its clients
     * go on.
     */
    public void open(ServiceSpec spec) throws IOException {
        lock.lock();
        try {
            PooledService before = services.remove(spec.name());
            if (before != null) {
                before.retire();
                retired.add(before);
            }
            PooledService service =
                    new PooledService(spec, pooler, links, nanos, random::nextLong, loops.count());
            service.open();
            services.put(spec.name(), service);
            router.add(spec, service);
            followPrimary();
            forgetRetired();
        } finally {
            lock.unlock();
        }
    }

    /** A service takes no new clients, until it is {@linkplain #open opened} again or goes. */
    public void stopListening(String name) {
        PooledService service = service(name);
        if (service != null) {
            service.stopListening();
        }
    }

    /** A service takes no new clients; it is gone when its sessions have ended. */
    public void retire(String name) {
        lock.lock();
        try {
            PooledService service = services.remove(name);
            if (service != null) {
                service.retire();
                retired.add(service);
            }
            followPrimary();
            forgetRetired();
        } finally {
            lock.unlock();
        }
    }

    /** Retired services keep being told about their members while they have clients. */
    private void forgetRetired() {
        for (PooledService service : List.copyOf(retired)) {
            if (service.isOver()) {
                retired.remove(service);
                router.remove(service);
            }
        }
    }

    /** The first service of its kind says how the primary is reached. */
    private void followPrimary() {
        ServiceSpec wanted =
                services.values().stream()
                        .map(PooledService::spec)
                        .filter(PooledService::isForPrimary)
                        .findFirst()
                        .orElseGet(this::unnamedPrimary);
        if (wanted.equals(primarySpec)) {
            return;
        }
        PrimaryRoute before = primary;
        if (before != null) {
            router.remove(before);
        }
        PrimaryRoute next = new PrimaryRoute(pooler, links, wanted, nanos, leaseNanos);
        primary = next;
        primarySpec = wanted;
        router.add(wanted, next);
    }

    /** Nobody is sent there, but the lease of the primary counts for the pooler's own port, too. */
    private ServiceSpec unnamedPrimary() {
        return ServiceSpec.of(
                "primary", ini.listening().port(), ServiceMode.POOLED, RoleRule.PRIMARY, List.of());
    }

    /** Holds clients back, and lets them go on. */
    public HoldDesk holds() {
        return pooler.holds();
    }

    /** In the order they were opened. */
    public List<PooledService> services() {
        lock.lock();
        try {
            return List.copyOf(services.values());
        } finally {
            lock.unlock();
        }
    }

    public @Nullable PooledService service(String name) {
        lock.lock();
        try {
            return services.get(name);
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- changes

    /** A new configuration of the pooler, read and found right; nothing has changed yet. */
    public static final class Prepared {
        private final PgnodeConfig config;
        private final Map<String, String> overrides;
        private final NodeSettings.Read read;
        private final PoolerSetup setup;

        private Prepared(
                PgnodeConfig config,
                Map<String, String> overrides,
                NodeSettings.Read read,
                PoolerSetup setup) {
            this.config = config;
            this.overrides = overrides;
            this.read = read;
            this.setup = setup;
        }

        /** Where its own clients come. */
        public List<SocketAddress> addresses() {
            return StandalonePooler.addresses(read.ini().listening());
        }
    }

    /**
     * Reads what a new configuration says of the pooler; what the console has set is forgotten with
     * the old one. Files that it names are read, too.
     */
    public Prepared prepare(PgnodeConfig next) throws BadConfig {
        return prepare(next, Map.of());
    }

    private Prepared prepare(PgnodeConfig next, Map<String, String> changed) throws BadConfig {
        try {
            NodeSettings.Read read = NodeSettings.read(next, changed);
            return new Prepared(next, changed, read, read.setup(means));
        } catch (PoolerIni.Wrong e) {
            throw new BadConfig(e.problems());
        }
    }

    private boolean isMoved(Prepared next) {
        return !next.addresses().equals(StandalonePooler.addresses(ini.listening()));
    }

    /** Stops listening where the new configuration does not want it. */
    public void stopListening(Prepared next) {
        if (isMoved(next)) {
            own.close();
        }
    }

    /**
     * From now on it counts; present clients stay.
     *
     * @throws IOException when it cannot listen where it should; all else counts then
     */
    public void commit(Prepared next) throws IOException {
        lock.lock();
        try {
            boolean isMoved = isMoved(next);
            next.read.ini().warnings().stream()
                    .filter(warning -> !ini.warnings().contains(warning))
                    .forEach(warning -> LOG.warnf("%s", warning));
            pooler.reconfigure(next.setup);
            config = next.config;
            pooler.holds().noPrimaryLimit(config.gateway().failoverTimeout());
            ini = next.read.ini();
            overrides.clear();
            overrides.putAll(next.overrides);
            if (isMoved) {
                own.close();
                listen(ini.listening());
            }
        } finally {
            lock.unlock();
        }
    }

    private List<String> set(String key, String value) {
        lock.lock();
        try (Reservation places = new Reservation(loops)) {
            Map<String, String> changed = new LinkedHashMap<>(overrides);
            changed.put(key, value);
            Prepared next = prepare(config, changed);
            for (SocketAddress address : next.addresses()) {
                places.add(address);
            }
            places.begin();
            commit(next);
            return List.of();
        } catch (BadConfig e) {
            return e.messages();
        } catch (IOException e) {
            return List.of(String.valueOf(e.getMessage()));
        } finally {
            lock.unlock();
        }
    }

    /** Takes no new clients; the present ones go on. */
    public void drain() {
        lock.lock();
        try {
            own.close();
            services.values().forEach(PooledService::stopListening);
        } finally {
            lock.unlock();
        }
    }

    /** Whether no client is left, be it in a login or in the console. */
    public boolean isEmpty() {
        return !pooler.desk().hasClients();
    }

    /** What the console knows of the configuration, and changes in it. */
    private final class Desk implements ConsoleSetup {
        @Override
        public List<ConfigLine> config() {
            return IniConsoleSetup.lines(ini.values());
        }

        @Override
        public List<String> reload() {
            return operator.reload();
        }

        @Override
        public List<String> set(String key, String value) {
            return NodePooler.this.set(key, value);
        }

        @Override
        public long statsPeriodMillis() {
            return ini.logged().period().toMillis();
        }

        @Override
        public boolean areStatisticsLogged() {
            return ini.logged().statistics();
        }

        @Override
        public void exit() {
            operator.end();
        }
    }

    /** The loops go on. */
    @Override
    public void close() {
        lock.lock();
        try {
            PrimaryRoute route = primary;
            if (route != null) {
                router.remove(route);
            }
            for (PooledService service : services.values()) {
                router.remove(service);
                service.close();
            }
            for (PooledService service : retired) {
                router.remove(service);
                service.close();
            }
            services.clear();
            retired.clear();
            own.close();
            pooler.close();
        } finally {
            lock.unlock();
        }
    }
}
