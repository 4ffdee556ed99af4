package io.pgnode.gateway;

import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.gateway.route.ClusterFeed;
import io.pgnode.gateway.route.ConfiguredRoutes;
import io.pgnode.gateway.route.FeedSource;
import io.pgnode.gateway.route.PatroniChecks;
import io.pgnode.gateway.route.RouteSource;
import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.net.EventLoops;
import io.pgnode.net.HandOverClaim;
import io.pgnode.net.HandOverDesk;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The services and the pooler, with their routes and statistics, from a configuration. */
public final class Gateway implements AutoCloseable {
    private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(10);
    private static final Logger LOG = Logger.getLogger(Gateway.class);

    private final EventLoops loops;
    private final Router router;
    private final TcpProxy proxy;
    private final @Nullable NodePooler pooler;
    private final AllServices services;
    private final SecureRandom random;
    private @Nullable HandOverClaim claim;
    private @Nullable HandOverDesk offer;
    private volatile boolean isHandedOver;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, ServiceSpec> open = new LinkedHashMap<>();
    private final @Nullable PatroniChecks checks;
    private @Nullable Statistics statistics;

    /**
     * Where the gateway lives.
     *
     * @param vertx for checks of listed members; closed by its owner
     * @param leaseNanos the monotonic clock that leases count on
     * @param nanos a monotonic clock that costs little
     * @param random a secure one
     * @param loops when the configuration does not say how many
     * @param operator whom orders of the pooler's console go to
     */
    public record Surroundings(
            Vertx vertx,
            LongSupplier leaseNanos,
            LongSupplier nanos,
            SecureRandom random,
            int loops,
            TcpProxy.ProcessFacts facts,
            NodePooler.Operator operator) {}

    /**
     * How one gateway follows another.
     *
     * @param socket where listeners are offered, mode 0600
     * @param takesOver those of the gateway that is there, if there is one
     * @param onHandedOver a successor has them; called once, on a thread of its own
     */
    public record HandOver(Path socket, boolean takesOver, Runnable onHandedOver) {}

    private Gateway(PgnodeConfig config, RouteSource source, Surroundings around, EventLoops loops)
            throws GatewayException, IOException {
        this.checks = source instanceof PatroniChecks its ? its : null;
        this.random = around.random();
        this.loops = loops;
        this.router = Router.start(source, around.leaseNanos());
        this.proxy = new TcpProxy(loops, router, around.nanos(), around.random(), around.facts());
        this.pooler = pooler(config, around);
        this.services = new AllServices(proxy, pooler);
    }

    private @Nullable NodePooler pooler(PgnodeConfig config, Surroundings around)
            throws GatewayException, IOException {
        if (!config.pooler().enabled()) {
            return null;
        }
        try {
            return NodePooler.start(
                    config,
                    loops,
                    router,
                    new NodePooler.Surroundings(
                            Identity.of(config).name().value(),
                            around.leaseNanos(),
                            around.nanos(),
                            around.random(),
                            around.operator()));
        } catch (NodePooler.BadConfig e) {
            closeEngine();
            throw new GatewayException(
                    String.join("\n", e.messages()),
                    "\"pgnode config check\" shows the same report");
        } catch (IOException e) {
            closeEngine();
            throw e;
        }
    }

    private void closeEngine() {
        proxy.close();
        router.close();
        loops.close();
    }

    /**
     * Opens everything, or nothing.
     *
     * @param feed the agent's view; null when there is none, so that the members must be listed
     */
    public static Gateway start(
            PgnodeConfig config, @Nullable ClusterFeed feed, Surroundings around)
            throws GatewayException {
        return start(config, feed, around, null);
    }

    /**
     * The same as a link in a chain: until {@link #take} the gateway before this one serves, too.
     *
     * @param handOver null for one without predecessor and successors
     */
    public static Gateway start(
            PgnodeConfig config,
            @Nullable ClusterFeed feed,
            Surroundings around,
            @Nullable HandOver handOver)
            throws GatewayException {
        RouteSource source;
        if (!config.gateway().members().isEmpty()) {
            source =
                    new PatroniChecks(
                            around.vertx(),
                            ConfiguredRoutes.members(config),
                            ConfiguredRoutes.checks(config),
                            around.nanos());
        } else if (feed != null) {
            source = FeedSource.of(feed);
        } else {
            throw new GatewayException(
                    "gateway.members is empty, so that nobody knows the members",
                    "list them with the addresses of their PostgreSQL");
        }
        EventLoops loops =
                new EventLoops("gateway", config.gateway().loops().orElse(around.loops()));
        HandOverClaim claim = null;
        Gateway gateway = null;
        try {
            if (handOver != null && handOver.takesOver()) {
                claim = HandOverClaim.from(loops, handOver.socket(), HAND_OVER_LIMIT).orElse(null);
            }
            gateway = new Gateway(config, source, around, loops);
            gateway.claim = claim;
            gateway.openServices(config);
            gateway.openStatistics(config);
            if (handOver != null) {
                gateway.offer(handOver);
            }
            return gateway;
        } catch (IOException e) {
            if (claim != null) {
                claim.close();
            }
            if (gateway != null) {
                gateway.close();
            } else {
                loops.close();
            }
            throw new GatewayException(
                    String.valueOf(e.getMessage()), "stop what listens there, or change the port");
        }
    }

    private void offer(HandOver handOver) {
        try {
            offer =
                    HandOverDesk.open(
                            loops, handOver.socket(), () -> handedOver(handOver.onHandedOver()));
        } catch (IOException e) {
            LOG.warnf("no successor can take over the listeners: reason=%s", e.getMessage());
        }
    }

    private void handedOver(Runnable then) {
        lock.lock();
        try {
            isHandedOver = true;
            drain();
        } finally {
            lock.unlock();
        }
        LOG.infof("a successor has the listeners: waiting for the clients to leave");
        then.run();
    }

    /**
     * The gateway before this one accepts nothing from now on, and drains; nothing when there was
     * none. Blocking, within seconds.
     *
     * @throws GatewayException when it does not answer; then this one has no listeners any more
     */
    public void take() throws GatewayException {
        HandOverClaim pending = claim;
        claim = null;
        if (pending == null) {
            return;
        }
        try (pending) {
            pending.taken();
            LOG.infof("took over the listeners of the gateway before");
        } catch (IOException e) {
            throw new GatewayException(
                    String.valueOf(e.getMessage()), "the gateway before goes on as it was");
        }
    }

    /** Whether there was a gateway before, from which nothing is {@linkplain #take taken} yet. */
    public boolean hasPredecessor() {
        return claim != null;
    }

    private void openServices(PgnodeConfig config) throws IOException {
        List<ServiceSpec> wanted = ConfiguredRoutes.services(config);
        services.order(wanted.stream().map(ServiceSpec::name).toList());
        for (ServiceSpec spec : wanted) {
            if (spec.mode() == ServiceMode.POOLED && pooler == null) {
                LOG.infof(
                        "service not opened: service=%s reason=pooler.enabled is false",
                        spec.name());
            } else {
                open(spec);
            }
        }
    }

    private void open(ServiceSpec spec) throws IOException {
        NodePooler pooled = pooler;
        switch (spec.mode()) {
            case TCP -> proxy.add(spec);
            case POOLED -> {
                if (pooled != null) {
                    pooled.open(spec);
                }
            }
        }
        open.put(spec.name(), spec);
        LOG.infof("service opened: service=%s listen=%s", spec.name(), spec.binds());
    }

    private void stopListening(ServiceSpec spec) {
        NodePooler pooled = pooler;
        switch (spec.mode()) {
            case TCP -> proxy.stopListening(spec.name());
            case POOLED -> {
                if (pooled != null) {
                    pooled.stopListening(spec.name());
                }
            }
        }
    }

    private void retire(ServiceSpec spec) {
        NodePooler pooled = pooler;
        switch (spec.mode()) {
            case TCP -> proxy.retire(spec.name());
            case POOLED -> {
                if (pooled != null) {
                    pooled.retire(spec.name());
                }
            }
        }
        open.remove(spec.name());
        LOG.infof("service closed: service=%s", spec.name());
    }

    private void openStatistics(PgnodeConfig config) throws IOException {
        Statistics opened =
                new Statistics(
                        Statistics.Wanted.of(config.gateway().stats()),
                        loops,
                        services,
                        pooler == null ? _ -> {} : pooler.metrics(),
                        random);
        statistics = opened;
        opened.open();
    }

    /**
     * Goes over to a new configuration as a whole: services that are new are opened, those that
     * changed are replaced, those that are gone take no new clients; sessions of all of them go on.
     * Pooler, members, checks and statistics change as well. What listens where it did is not
     * closed meanwhile.
     *
     * @return all that is wrong; then nothing has changed
     */
    public List<String> reload(PgnodeConfig config) {
        lock.lock();
        try (GatewayPlan plan = new GatewayPlan(config, pooler, checks != null, loops)) {
            List<String> wrong = new ArrayList<>();
            if (isHandedOver) {
                wrong.add("the listeners belong to a successor by now");
            } else {
                wrong.addAll(plan.prepare());
            }
            if (wrong.isEmpty()) {
                wrong.addAll(carryOut(plan));
            }
            wrong.forEach(problem -> LOG.errorf("gateway not reloaded: reason=%s", problem));
            return wrong;
        } finally {
            lock.unlock();
        }
    }

    /** What fails here was tried before, so that it does so only in theory. */
    private List<String> carryOut(GatewayPlan plan) {
        List<String> failed = new ArrayList<>();
        Map<String, ServiceSpec> wanted = new LinkedHashMap<>();
        plan.services().forEach(spec -> wanted.put(spec.name(), spec));
        List<ServiceSpec> changed =
                wanted.values().stream()
                        .filter(spec -> !spec.equals(open.get(spec.name())))
                        .toList();
        plan.begin();
        stopListening(plan, wanted);
        PatroniChecks asked = checks;
        if (asked != null) {
            asked.reload(plan.members(), plan.checks());
        }
        NodePooler pooled = pooler;
        NodePooler.Prepared its = plan.pooled();
        if (pooled != null && its != null) {
            attempt(() -> pooled.commit(its), failed);
        }
        for (ServiceSpec spec : changed) {
            attempt(() -> open(spec), failed);
        }
        services.order(List.copyOf(wanted.keySet()));
        Statistics shown = statistics;
        Statistics.Wanted next = plan.statistics();
        if (shown != null && next != null) {
            attempt(() -> shown.use(next), failed);
        }
        return failed;
    }

    /** All who move, before any of them listens anew: they may change places. */
    private void stopListening(GatewayPlan plan, Map<String, ServiceSpec> wanted) {
        for (ServiceSpec before : List.copyOf(open.values())) {
            ServiceSpec after = wanted.get(before.name());
            if (after == null || after.mode() != before.mode()) {
                retire(before);
            } else if (!after.equals(before)) {
                stopListening(before);
            }
        }
        NodePooler pooled = pooler;
        NodePooler.Prepared its = plan.pooled();
        if (pooled != null && its != null) {
            pooled.stopListening(its);
        }
        Statistics shown = statistics;
        Statistics.Wanted next = plan.statistics();
        if (shown != null && next != null) {
            shown.stopListening(next);
        }
    }

    private interface Opening {
        void run() throws IOException;
    }

    private static void attempt(Opening opening, List<String> failed) {
        try {
            opening.run();
        } catch (IOException e) {
            failed.add(String.valueOf(e.getMessage()));
        }
    }

    /** The pooler of this node; null when it is not enabled. */
    public @Nullable NodePooler pooler() {
        return pooler;
    }

    /** The services in mode tcp. */
    public TcpProxy proxy() {
        return proxy;
    }

    /** Takes no new clients; the present ones go on. */
    public void drain() {
        proxy.drain();
        NodePooler pooled = pooler;
        if (pooled != null) {
            pooled.drain();
        }
    }

    /** Whether a successor has the listeners. */
    public boolean isHandedOver() {
        return isHandedOver;
    }

    /** Whether no client is left. */
    public boolean isEmpty() {
        NodePooler pooled = pooler;
        return proxy.isEmpty() && (pooled == null || pooled.isEmpty());
    }

    @Override
    public void close() {
        HandOverClaim pending = claim;
        if (pending != null) {
            pending.close();
        }
        HandOverDesk offered = offer;
        try {
            if (offered != null) {
                offered.close();
            }
        } catch (IOException e) {
            LOG.debugf("a socket is left: reason=%s", e.getMessage());
        }
        Statistics shown = statistics;
        if (shown != null) {
            shown.close();
        }
        NodePooler pooled = pooler;
        if (pooled != null) {
            pooled.close();
        }
        closeEngine();
    }
}
