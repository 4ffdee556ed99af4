package io.pgnode.gateway;

import io.pgnode.config.GatewayConfig;
import io.pgnode.config.Passwords;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Secret;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.gateway.route.ClusterFeed;
import io.pgnode.gateway.route.ConfiguredRoutes;
import io.pgnode.gateway.route.FeedSource;
import io.pgnode.gateway.route.PatroniChecks;
import io.pgnode.gateway.route.RouteSource;
import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.stats.CliSocket;
import io.pgnode.gateway.stats.StatsServer;
import io.pgnode.gateway.stats.StatsSettings;
import io.pgnode.net.EventLoops;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The services in mode tcp, with their routes and statistics, from a configuration. */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Gateway.class);
    private static final int START_SECONDS = 10;

    private final Vertx vertx;
    private final EventLoops loops;
    private final Router router;
    private final TcpProxy proxy;
    private final SecureRandom random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, ServiceSpec> open = new LinkedHashMap<>();
    private @Nullable StatsServer stats;
    private @Nullable CliSocket socket;

    /**
     * Where the gateway lives.
     *
     * @param vertx for statistics and checks; closed by its owner
     * @param leaseNanos the monotonic clock that leases count on
     * @param nanos a monotonic clock that costs little
     * @param random a secure one
     * @param loops when the configuration does not say how many
     */
    public record Surroundings(
            Vertx vertx,
            LongSupplier leaseNanos,
            LongSupplier nanos,
            SecureRandom random,
            int loops,
            TcpProxy.ProcessFacts facts) {}

    private Gateway(PgnodeConfig config, RouteSource source, Surroundings around) {
        this.vertx = around.vertx();
        this.random = around.random();
        this.loops = new EventLoops("gateway", config.gateway().loops().orElse(around.loops()));
        this.router = Router.start(source, around.leaseNanos());
        this.proxy = new TcpProxy(loops, router, around.nanos(), around.random(), around.facts());
    }

    /**
     * Opens everything, or nothing.
     *
     * @param feed the agent's view; null when there is none, so that the members must be listed
     */
    public static Gateway start(
            PgnodeConfig config, @Nullable ClusterFeed feed, Surroundings around)
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
        Gateway gateway = new Gateway(config, source, around);
        try {
            gateway.openServices(config);
            gateway.openStatistics(config);
            return gateway;
        } catch (IOException e) {
            gateway.close();
            throw new GatewayException(
                    String.valueOf(e.getMessage()), "stop what listens there, or change the port");
        }
    }

    private void openServices(PgnodeConfig config) throws IOException {
        for (ServiceSpec spec : ConfiguredRoutes.services(config)) {
            if (spec.mode() == ServiceMode.TCP) {
                proxy.add(spec);
                open.put(spec.name(), spec);
                LOG.infof("service opened: service=%s listen=%s", spec.name(), spec.binds());
            }
        }
    }

    private void openStatistics(PgnodeConfig config) throws IOException {
        GatewayConfig.StatsConfig wanted = config.gateway().stats();
        StatsServer server =
                new StatsServer(
                        vertx,
                        new StatsSettings(
                                wanted.listen(),
                                wanted.port(),
                                login(wanted.admin()),
                                login(wanted.reader()),
                                (int) wanted.refresh().toSeconds()),
                        proxy,
                        more -> {},
                        random);
        try {
            var _ = server.start().get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "the statistics cannot listen on "
                            + wanted.listen()
                            + ":"
                            + wanted.port()
                            + ": "
                            + cause.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        stats = server;
        if (wanted.socket().isPresent()) {
            Path path = wanted.socket().get();
            socket = CliSocket.open(loops, path, proxy);
        }
    }

    private static StatsSettings.@Nullable Login login(GatewayConfig.StatsLogin login)
            throws IOException {
        if (login.username().isEmpty()) {
            return null;
        }
        String password = Passwords.read(login).map(Secret::reveal).orElse("");
        return new StatsSettings.Login(login.username().get(), password);
    }

    /**
     * Opens services that are new, replaces those that changed, and closes those that are gone;
     * sessions of a replaced service go on. A service that cannot be opened is reported, and tried
     * again at the next reload.
     */
    public void reload(PgnodeConfig config) {
        lock.lock();
        try {
            Map<String, ServiceSpec> wanted = new LinkedHashMap<>();
            for (ServiceSpec spec : ConfiguredRoutes.services(config)) {
                if (spec.mode() == ServiceMode.TCP) {
                    wanted.put(spec.name(), spec);
                }
            }
            for (String name : open.keySet().toArray(String[]::new)) {
                if (!wanted.containsKey(name)) {
                    proxy.remove(name);
                    open.remove(name);
                    LOG.infof("service closed: service=%s", name);
                }
            }
            wanted.forEach(this::replace);
        } finally {
            lock.unlock();
        }
    }

    private void replace(String name, ServiceSpec spec) {
        if (spec.equals(open.get(name))) {
            return;
        }
        try {
            proxy.add(spec);
            open.put(name, spec);
            LOG.infof("service opened: service=%s listen=%s", name, spec.binds());
        } catch (IOException e) {
            open.remove(name);
            LOG.errorf("service not opened: service=%s reason=%s", name, e.getMessage());
        }
    }

    /** The services, for statistics and tests. */
    public TcpProxy proxy() {
        return proxy;
    }

    /** Takes no new clients; the present ones go on. */
    public void drain() {
        proxy.drain();
    }

    @Override
    public void close() {
        CliSocket commands = socket;
        if (commands != null) {
            try {
                commands.close();
            } catch (IOException e) {
                LOG.debugf("the command socket is left: reason=%s", e.getMessage());
            }
        }
        StatsServer server = stats;
        if (server != null) {
            var _ = server.close();
        }
        proxy.close();
        router.close();
        loops.close();
    }
}
