package io.pgnode.gateway.route.core;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A service: a port, and which members clients reach through it.
 *
 * @param name such as {@code pg-test-primary}
 * @param binds {@code host:port}, {@code *:port} or the path of a unix socket
 * @param role the members that serve
 * @param backups the members that serve when none of {@code role} is up; rules in order of
 *     preference
 * @param allBackups all of the backups share the load, in place of only the first
 * @param targetPort port of the members; zero for PostgreSQL's own
 * @param maxLagBytes standbys that are further behind do not serve, unless all of them are;
 *     negative for no limit
 */
public record ServiceSpec(
        String name,
        List<String> binds,
        ServiceMode mode,
        RoleRule role,
        List<RoleRule> backups,
        boolean allBackups,
        int targetPort,
        long maxLagBytes,
        Balance balance,
        Limits limits,
        Times times,
        Closing closing) {

    /**
     * @param connections client connections at once; more wait in the kernel
     * @param queue clients that wait for a server; zero for no limit
     * @param serverConnections sessions at once on a server; zero for no limit
     * @param retries further attempts to connect
     */
    public record Limits(int connections, int queue, int serverConnections, int retries) {
        public static final Limits DEFAULT = new Limits(5000, 128, 3000, 3);
    }

    /**
     * @param connect for one attempt
     * @param queue a client waits at most this long for a server
     * @param client a session ends when its client sends nothing for so long, while nothing comes
     *     from the server either
     * @param server the same for the server
     * @param retryPause between attempts on the same server
     * @param slowStart a server that comes up gets its full share after this; zero for at once
     */
    public record Times(
            Duration connect,
            Duration queue,
            Duration client,
            Duration server,
            Duration retryPause,
            Duration slowStart) {
        public static final Times DEFAULT =
                new Times(
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(30),
                        Duration.ofHours(24),
                        Duration.ofHours(24),
                        Duration.ofSeconds(1),
                        Duration.ZERO);
    }

    /**
     * When sessions are closed although both sides are alive.
     *
     * @param whenDown those of a server that goes down, HAProxy's {@code on-marked-down
     *     shutdown-sessions}
     * @param backupsWhenUp those of the backups when another server comes up, {@code on-marked-up
     *     shutdown-backup-sessions}
     */
    public record Closing(boolean whenDown, boolean backupsWhenUp) {}

    public ServiceSpec {
        binds = List.copyOf(binds);
        backups = List.copyOf(backups);
    }

    /** The services of a cluster that configures none, named {@code <cluster>-<service>}. */
    public static List<ServiceSpec> defaults(String cluster) {
        int pooler = 6432;
        return List.of(
                of(cluster + "-primary", 5433, ServiceMode.POOLED, RoleRule.PRIMARY, List.of())
                        .withTargetPort(pooler),
                of(
                                cluster + "-replica",
                                5434,
                                ServiceMode.POOLED,
                                RoleRule.REPLICA,
                                List.of(RoleRule.PRIMARY))
                        .withTargetPort(pooler),
                of(cluster + "-default", 5436, ServiceMode.TCP, RoleRule.PRIMARY, List.of()),
                of(
                        cluster + "-offline",
                        5438,
                        ServiceMode.TCP,
                        RoleRule.OFFLINE,
                        List.of(RoleRule.REPLICA)));
    }

    /** With the default limits; sessions are closed at the loss of the role if it is primary. */
    public static ServiceSpec of(
            String name, int port, ServiceMode mode, RoleRule role, List<RoleRule> backups) {
        return new ServiceSpec(
                name,
                List.of("*:" + port),
                mode,
                role,
                backups,
                false,
                0,
                -1,
                Balance.ROUND_ROBIN,
                Limits.DEFAULT,
                Times.DEFAULT,
                new Closing(role == RoleRule.PRIMARY, false));
    }

    public ServiceSpec withBinds(List<String> wanted) {
        return changed(copy -> copy.binds = wanted);
    }

    public ServiceSpec withTargetPort(int wanted) {
        return changed(copy -> copy.targetPort = wanted);
    }

    public ServiceSpec withMaxLag(long bytes) {
        return changed(copy -> copy.maxLagBytes = bytes);
    }

    public ServiceSpec withBalance(Balance wanted) {
        return changed(copy -> copy.balance = wanted);
    }

    public ServiceSpec withAllBackups(boolean wanted) {
        return changed(copy -> copy.allBackups = wanted);
    }

    public ServiceSpec withLimits(Limits wanted) {
        return changed(copy -> copy.limits = wanted);
    }

    public ServiceSpec withTimes(Times wanted) {
        return changed(copy -> copy.times = wanted);
    }

    public ServiceSpec withClosing(Closing wanted) {
        return changed(copy -> copy.closing = wanted);
    }

    private ServiceSpec changed(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return new ServiceSpec(
                name,
                copy.binds,
                mode,
                role,
                backups,
                copy.allBackups,
                copy.targetPort,
                copy.maxLagBytes,
                copy.balance,
                copy.limits,
                copy.times,
                copy.closing);
    }

    /** What of a service can be changed once it is named. */
    private static final class Copy {
        List<String> binds;
        boolean allBackups;
        int targetPort;
        long maxLagBytes;
        Balance balance;
        Limits limits;
        Times times;
        Closing closing;

        Copy(ServiceSpec of) {
            binds = of.binds;
            allBackups = of.allBackups;
            targetPort = of.targetPort;
            maxLagBytes = of.maxLagBytes;
            balance = of.balance;
            limits = of.limits;
            times = of.times;
            closing = of.closing;
        }
    }
}
