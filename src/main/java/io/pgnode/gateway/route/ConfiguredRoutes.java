package io.pgnode.gateway.route;

import io.pgnode.config.GatewayConfig;
import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.ServiceConfig;
import io.pgnode.gateway.route.core.Balance;
import io.pgnode.gateway.route.core.CheckTimes;
import io.pgnode.gateway.route.core.MemberTraits;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.StaticMember;
import io.pgnode.model.ByteSize;
import io.pgnode.model.HostPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Services and members of a checked configuration. */
public final class ConfiguredRoutes {
    private static final int POOLER_PORT = 6432;
    private static final int REST_PORT = 8008;

    private ConfiguredRoutes() {}

    /** The built-in services as the configuration changes them, and then its own by name. */
    public static List<ServiceSpec> services(PgnodeConfig config) {
        String cluster = Identity.of(config).cluster();
        Map<String, ServiceSpec> builtIn = new LinkedHashMap<>();
        for (ServiceSpec spec : ServiceSpec.defaults(cluster)) {
            builtIn.put(spec.name().substring(cluster.length() + 1), spec);
        }
        Map<String, ServiceConfig> own = new TreeMap<>(config.services());
        List<ServiceSpec> result = new ArrayList<>();
        builtIn.forEach(
                (name, spec) -> {
                    ServiceConfig changes = own.remove(name);
                    if (changes == null) {
                        result.add(spec);
                    } else if (changes.enabled()) {
                        result.add(service(spec.name(), spec, changes));
                    }
                });
        own.forEach(
                (name, changes) -> {
                    if (changes.enabled()) {
                        result.add(service(cluster + "-" + name, null, changes));
                    }
                });
        return result;
    }

    private static ServiceSpec service(
            String name, @Nullable ServiceSpec builtIn, ServiceConfig config) {
        ServiceMode mode =
                config.mode()
                        .map(ConfiguredRoutes::mode)
                        .orElse(builtIn == null ? ServiceMode.TCP : builtIn.mode());
        RoleRule role =
                config.role()
                        .map(ConfiguredRoutes::role)
                        .orElse(builtIn == null ? RoleRule.PRIMARY : builtIn.role());
        List<RoleRule> backups =
                config.backup()
                        .map(roles -> roles.stream().map(ConfiguredRoutes::role).toList())
                        .orElse(builtIn == null ? List.of() : builtIn.backups());
        int port = config.port().orElse(0);
        List<String> binds =
                config.bind()
                        .orElse(
                                port > 0 || builtIn == null
                                        ? List.of("*:" + port)
                                        : builtIn.binds());
        int target = config.targetPort().orElse(mode == ServiceMode.POOLED ? POOLER_PORT : 0);
        return new ServiceSpec(
                name,
                binds,
                mode,
                role,
                backups.stream().filter(backup -> backup != role).toList(),
                config.allBackups(),
                target,
                config.maxLag().map(ByteSize::bytes).orElse(-1L),
                balance(config.balance()),
                new ServiceSpec.Limits(
                        config.maxConnections(),
                        config.maxQueue(),
                        config.memberConnections(),
                        config.retries()),
                new ServiceSpec.Times(
                        config.connectTimeout(),
                        config.queueTimeout(),
                        config.idleTimeout(),
                        config.idleTimeout(),
                        ServiceSpec.Times.DEFAULT.retryPause(),
                        config.slowStart()),
                new ServiceSpec.Closing(
                        config.closeWhenDown().orElse(role == RoleRule.PRIMARY),
                        config.closeBackupsWhenUp()));
    }

    private static ServiceMode mode(ServiceConfig.Mode mode) {
        return switch (mode) {
            case POOLED -> ServiceMode.POOLED;
            case TCP -> ServiceMode.TCP;
        };
    }

    private static RoleRule role(ServiceConfig.Role role) {
        return switch (role) {
            case PRIMARY -> RoleRule.PRIMARY;
            case REPLICA -> RoleRule.REPLICA;
            case READ_ONLY -> RoleRule.READ_ONLY;
            case OFFLINE -> RoleRule.OFFLINE;
        };
    }

    private static Balance balance(ServiceConfig.Balance balance) {
        return switch (balance) {
            case ROUNDROBIN -> Balance.ROUND_ROBIN;
            case LEASTCONN -> Balance.LEAST_CONN;
            case FIRST -> Balance.FIRST;
            case RANDOM -> Balance.RANDOM;
            case SOURCE -> Balance.SOURCE;
        };
    }

    /** The static list, in order of names; empty for none. */
    public static List<StaticMember> members(PgnodeConfig config) {
        List<StaticMember> result = new ArrayList<>();
        new TreeMap<>(config.gateway().members())
                .forEach(
                        (name, member) -> {
                            HostPort postgresql = member.postgresql().orElseThrow();
                            HostPort rest =
                                    member.rest()
                                            .orElseGet(
                                                    () ->
                                                            new HostPort(
                                                                    postgresql.host(), REST_PORT));
                            result.add(
                                    new StaticMember(
                                            name,
                                            postgresql,
                                            rest,
                                            new MemberTraits(
                                                    member.weight(),
                                                    member.offline(),
                                                    member.offlineQuery(),
                                                    false)));
                        });
        return result;
    }

    public static CheckSettings checks(PgnodeConfig config) {
        GatewayConfig.CheckConfig check = config.gateway().check();
        return new CheckSettings(
                new CheckTimes(
                        check.inter(),
                        check.fastInter(),
                        check.downInter(),
                        check.timeout(),
                        check.rise(),
                        check.fall()),
                check.method().name(),
                check.tls()
                        ? new CheckSettings.Tls(
                                check.verify() == GatewayConfig.CheckConfig.Verify.FULL,
                                check.caFile().orElse(null))
                        : null);
    }
}
