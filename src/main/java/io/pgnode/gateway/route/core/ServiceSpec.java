package io.pgnode.gateway.route.core;

import java.time.Duration;
import java.util.List;

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
        return new ServiceSpec(
                name,
                wanted,
                mode,
                role,
                backups,
                allBackups,
                targetPort,
                maxLagBytes,
                balance,
                limits,
                times,
                closing);
    }

    public ServiceSpec withTargetPort(int wanted) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                allBackups,
                wanted,
                maxLagBytes,
                balance,
                limits,
                times,
                closing);
    }

    public ServiceSpec withMaxLag(long bytes) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                allBackups,
                targetPort,
                bytes,
                balance,
                limits,
                times,
                closing);
    }

    public ServiceSpec withBalance(Balance wanted) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                allBackups,
                targetPort,
                maxLagBytes,
                wanted,
                limits,
                times,
                closing);
    }

    public ServiceSpec withAllBackups(boolean wanted) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                wanted,
                targetPort,
                maxLagBytes,
                balance,
                limits,
                times,
                closing);
    }

    public ServiceSpec withLimits(Limits wanted) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                allBackups,
                targetPort,
                maxLagBytes,
                balance,
                wanted,
                times,
                closing);
    }

    public ServiceSpec withTimes(Times wanted) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                allBackups,
                targetPort,
                maxLagBytes,
                balance,
                limits,
                wanted,
                closing);
    }

    public ServiceSpec withClosing(Closing wanted) {
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups,
                allBackups,
                targetPort,
                maxLagBytes,
                balance,
                limits,
                times,
                wanted);
    }
}
