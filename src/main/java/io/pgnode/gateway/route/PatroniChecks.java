package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.Health;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.StaticMember;
import io.pgnode.gateway.route.core.StaticRoutes;
import io.pgnode.gateway.route.core.StaticRoutes.Check;
import io.pgnode.gateway.route.core.StaticRoutes.Finding;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;

/**
 * Asks the members' REST APIs for their roles, as HAProxy does: a gateway without a cluster.
 *
 * <p>Connections are kept alive. All checks run on one event loop; readers see the last findings.
 */
public final class PatroniChecks implements RouteSource {
    private static final int OK = 200;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LongSupplier nanos;
    private final Vertx vertx;
    private final Context loop;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Map<Check, Probe> probes = new HashMap<>(); // on the loop
    private List<ServiceSpec> watched = List.of(); // on the loop
    private volatile List<StaticMember> members;
    private volatile CheckSettings settings;
    private volatile HttpClient client;
    private volatile Map<Check, Finding> findings = Map.of();
    private volatile boolean isClosed;

    public PatroniChecks(
            Vertx vertx, List<StaticMember> members, CheckSettings settings, LongSupplier nanos) {
        this.vertx = vertx;
        this.members = List.copyOf(members);
        this.settings = settings;
        this.nanos = nanos;
        this.loop = vertx.getOrCreateContext();
        this.client = vertx.createHttpClient(options(settings));
    }

    private static HttpClientOptions options(CheckSettings settings) {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setKeepAlive(true)
                        .setConnectTimeout((int) settings.times().timeout().toMillis())
                        .setMaxPoolSize(4)
                        .setMaxWaitQueueSize(100);
        CheckSettings.Tls tls = settings.tls();
        if (tls != null) {
            options.setSsl(true).setTrustAll(!tls.isVerified()).setVerifyHost(tls.isVerified());
            if (tls.isVerified() && tls.authorities() != null) {
                options.setTrustOptions(
                        new PemTrustOptions().addCertPath(tls.authorities().toString()));
            }
        }
        return options;
    }

    @Override
    public void watch(List<ServiceSpec> specs) {
        List<ServiceSpec> wanted = List.copyOf(specs);
        loop.runOnContext(
                now -> {
                    watched = wanted;
                    probe();
                });
    }

    /**
     * Other members, or another way to check them, from now on. What is known of a member whose
     * REST API is where it was is kept.
     */
    public void reload(List<StaticMember> newMembers, CheckSettings newSettings) {
        loop.runOnContext(
                now -> {
                    HttpClient before = client;
                    client = vertx.createHttpClient(options(newSettings));
                    before.close();
                    settings = newSettings;
                    members = List.copyOf(newMembers);
                    probes.values().forEach(probe -> probe.health.times(newSettings.times()));
                    probe();
                });
    }

    /** Begins the checks that are wanted and not under way, and ends the others. On the loop. */
    private void probe() {
        List<Check> wanted = StaticRoutes.checks(watched, members);
        probes.values()
                .removeIf(
                        probe -> {
                            probe.isStopped =
                                    !wanted.contains(probe.check)
                                            || !probe.member
                                                    .rest()
                                                    .equals(member(probe.check).rest());
                            return probe.isStopped;
                        });
        for (Check check : wanted) {
            probes.computeIfAbsent(check, this::begin);
        }
        publish();
    }

    private StaticMember member(Check check) {
        return members.stream()
                .filter(one -> one.name().equals(check.member()))
                .findFirst()
                .orElseThrow();
    }

    private Probe begin(Check check) {
        StaticMember member = member(check);
        Probe probe = new Probe(check, member);
        loop.runOnContext(now -> probe.ask());
        return probe;
    }

    /** One member and path, asked again and again. Confined to the loop. */
    private final class Probe {
        private final Check check;
        private final StaticMember member;
        private final Health health = new Health(settings.times());
        private boolean isStopped;
        private int round;

        Probe(Check check, StaticMember member) {
            this.check = check;
            this.member = member;
        }

        private void ask() {
            if (isStopped || isClosed) {
                return;
            }
            long began = nanos.getAsLong();
            int mine = ++round;
            long limit = settings.times().timeout().toMillis();
            vertx.setTimer(
                    limit,
                    timer -> answered(mine, () -> health.silent("L7TOUT", limit, "timeout")));
            RequestOptions request =
                    new RequestOptions()
                            .setMethod(HttpMethod.valueOf(settings.method()))
                            .setHost(member.rest().host())
                            .setPort(member.rest().port())
                            .setURI(check.path())
                            .setTimeout(limit);
            client.request(request)
                    .compose(sent -> sent.send())
                    .onComplete(
                            result -> {
                                long millis = (nanos.getAsLong() - began) / NANOS_PER_MILLI;
                                if (result.failed()) {
                                    Throwable cause = result.cause();
                                    answered(
                                            mine,
                                            () ->
                                                    health.silent(
                                                            status(cause),
                                                            millis,
                                                            String.valueOf(cause.getMessage())));
                                    return;
                                }
                                int code = result.result().statusCode();
                                answered(
                                        mine,
                                        () -> {
                                            if (code == OK) {
                                                health.accepted("L7OK", code, millis);
                                            } else {
                                                health.refused("L7STS", code, millis);
                                            }
                                        });
                            });
        }

        private void answered(int of, Runnable note) {
            if (of != round || isStopped || isClosed) {
                return;
            }
            round++; // whatever else comes for this one is late
            note.run();
            publish();
            vertx.setTimer(Math.max(1, health.pause().toMillis()), timer -> ask());
        }
    }

    private static String status(Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof ConnectException) {
                return "L4CON";
            }
            if (t instanceof TimeoutException) {
                return "L4TOUT";
            }
            if (t instanceof SSLException) {
                return "L6RSP";
            }
        }
        return "L7RSP";
    }

    private void publish() {
        Map<Check, Finding> result = new HashMap<>();
        probes.forEach(
                (check, probe) -> {
                    if (probe.health.isKnown()) {
                        result.put(
                                check,
                                new Finding(probe.health.condition(), probe.health.report()));
                    }
                });
        findings = Map.copyOf(result);
        listeners.forEach(Runnable::run);
    }

    @Override
    public List<ServerView> servers(ServiceSpec spec, long nowNanos) {
        return StaticRoutes.servers(spec, members, findings);
    }

    @Override
    public long validNanos(long nowNanos) {
        return Long.MAX_VALUE;
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        isClosed = true;
        client.close();
    }
}
