package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells every service about its servers: when the source knows something new, when its knowledge
 * expires, when an operator wants something, and once a second for what changes with time.
 *
 * <p>Thread-safe; all receivers are called on one thread of its own.
 */
public final class Router implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Router.class);
    private static final Duration BEAT = Duration.ofSeconds(1);

    /** A service, as the router sees it. */
    public interface Receiver {
        /** The term that the next servers go by, or an earlier one; told before them. */
        default void term(RouteSource.Term term) {}

        /** Must return soon: a lease may run out meanwhile. */
        void servers(List<ServerView> views, Function<String, ServerAdmin> admin);
    }

    private record Key(String service, String server) {}

    private final RouteSource source;
    private final LongSupplier nanos;
    private final Map<Receiver, ServiceSpec> services = new LinkedHashMap<>(); // on the thread
    private final Map<Key, ServerAdmin> admins = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("gateway-router").daemon().factory());
    private @Nullable ScheduledFuture<?> expiry; // on the thread

    private Router(RouteSource source, LongSupplier nanos) {
        this.source = source;
        this.nanos = nanos;
    }

    /**
     * @param nanos the clock that lease deadlines count on
     */
    public static Router start(RouteSource source, LongSupplier nanos) {
        Router router = new Router(source, nanos);
        source.onChange(router::refresh);
        router.thread.scheduleWithFixedDelay(
                router::refreshNow, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
        return router;
    }

    /** Adds a service; it is told about its servers soon. */
    public void add(ServiceSpec spec, Receiver receiver) {
        run(
                () -> {
                    services.put(receiver, spec);
                    watch();
                    refreshNow();
                });
    }

    public void remove(Receiver receiver) {
        run(
                () -> {
                    services.remove(receiver);
                    watch();
                });
    }

    private void watch() {
        source.watch(List.copyOf(services.values()));
    }

    public ServerAdmin admin(String service, String server) {
        return admins.getOrDefault(new Key(service, server), ServerAdmin.NONE);
    }

    /** An operator's wish; the service follows soon. */
    public void change(String service, String server, UnaryOperator<ServerAdmin> change) {
        admins.compute(
                new Key(service, server),
                (key, before) -> change.apply(before == null ? ServerAdmin.NONE : before));
        refresh();
    }

    private void refresh() {
        run(this::refreshNow);
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the router is closed");
        }
    }

    private void refreshNow() {
        long now = nanos.getAsLong();
        for (Map.Entry<Receiver, ServiceSpec> entry : Map.copyOf(services).entrySet()) {
            ServiceSpec spec = entry.getValue();
            String service = spec.name();
            try {
                entry.getKey().term(source.term());
                entry.getKey().servers(source.servers(spec, now), server -> admin(service, server));
            } catch (RuntimeException e) {
                LOG.errorf(e, "the servers could not be told to the service: service=%s", service);
            }
        }
        ScheduledFuture<?> old = expiry;
        if (old != null) {
            old.cancel(false);
        }
        long valid = source.validNanos(now);
        expiry =
                valid == Long.MAX_VALUE
                        ? null
                        : thread.schedule(this::refreshNow, valid, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        source.close();
    }
}
