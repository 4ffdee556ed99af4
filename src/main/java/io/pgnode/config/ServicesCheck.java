package io.pgnode.config;

import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Services, the gateway's members and its statistics. */
final class ServicesCheck {
    /** Services that need neither port nor role. */
    static final Set<String> BUILT_IN = Set.of("primary", "replica", "default", "offline");

    private static final int MAX_WEIGHT = 256;
    private static final int MAX_RETRIES = 100;
    private static final int MAX_LOOPS = 256;

    private ServicesCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        Map<String, String> binds = new HashMap<>();
        new TreeMap<>(config.services())
                .forEach((name, service) -> service(name, service, binds, findings));
        GatewayConfig gateway = config.gateway();
        gateway.loops().ifPresent(loops -> between("gateway.loops", loops, 1, MAX_LOOPS, findings));
        positive("gateway.failover-timeout", gateway.failoverTimeout(), findings);
        positive("gateway.drain-timeout", gateway.drainTimeout(), findings);
        gateway.members().forEach((name, member) -> member(name, member, findings));
        check(gateway.check(), findings);
        stats(gateway.stats(), findings);
    }

    private static void service(
            String name, ServiceConfig service, Map<String, String> binds, Findings findings) {
        String at = "services." + Names.quoted(name);
        if (!name.matches("[a-z0-9][a-z0-9_-]{0,30}")) {
            findings.add(
                    at + ".enabled",
                    "services has \"" + name + "\", which is no name of a service",
                    "up to 31 characters of a-z, 0-9, - and _, beginning with a letter or digit");
        }
        boolean isNew = !BUILT_IN.contains(name) && service.enabled();
        String port = at + ".port";
        if (isNew
                && service.port().isEmpty()
                && service.bind().isEmpty()
                && !findings.isBroken(port)
                && !findings.isBroken(at + ".bind")) {
            findings.add(port, at + " has neither port nor bind", "say where it listens");
        }
        if (isNew && service.role().isEmpty() && !findings.isBroken(at + ".role")) {
            findings.add(
                    at + ".role",
                    at + " has no role",
                    "one of primary, replica, read-only, offline: the members that serve");
        }
        service.port().ifPresent(value -> PostgresqlCheck.port(port, value, findings));
        service.targetPort()
                .ifPresent(value -> PostgresqlCheck.port(at + ".target-port", value, findings));
        if (service.port().isPresent() && service.bind().isPresent()) {
            findings.add(port, "both " + port + " and " + at + ".bind are given", "keep one");
        }
        List<String> wanted =
                service.bind()
                        .orElseGet(
                                () ->
                                        service.port().isPresent()
                                                ? List.of("*:" + service.port().getAsInt())
                                                : List.of());
        for (String bind : wanted) {
            bind(at + (service.bind().isPresent() ? ".bind" : ".port"), bind, findings);
            String other = binds.putIfAbsent(bind, at);
            if (other != null && service.enabled()) {
                findings.add(
                        at + (service.bind().isPresent() ? ".bind" : ".port"),
                        at + " and " + other + " both listen on " + bind,
                        "give one of them another port");
            }
        }
        between(at + ".max-connections", service.maxConnections(), 1, 1_000_000, findings);
        between(at + ".max-queue", service.maxQueue(), 0, 1_000_000, findings);
        between(at + ".member-connections", service.memberConnections(), 0, 1_000_000, findings);
        between(at + ".retries", service.retries(), 0, MAX_RETRIES, findings);
        positive(at + ".connect-timeout", service.connectTimeout(), findings);
        positive(at + ".queue-timeout", service.queueTimeout(), findings);
        positive(at + ".idle-timeout", service.idleTimeout(), findings);
        if (service.role().isPresent()
                && service.backup().orElse(List.of()).contains(service.role().get())) {
            findings.add(
                    at + ".backup",
                    at + ".backup has the role of the service itself",
                    "name other members");
        }
    }

    private static void bind(String key, String bind, Findings findings) {
        boolean isPath = bind.startsWith("/") && bind.length() < 108;
        if (isPath) {
            return;
        }
        int colon = bind.lastIndexOf(':');
        boolean isValid =
                colon > 0
                        && bind.substring(colon + 1).matches("[0-9]{1,5}")
                        && Integer.parseInt(bind.substring(colon + 1)) >= 1
                        && Integer.parseInt(bind.substring(colon + 1)) <= 65_535;
        if (!isValid) {
            findings.add(
                    key,
                    key + " has \"" + bind + "\", must be host:port, *:port or a path",
                    "such as *:5440, 10.0.0.1:5440 or /run/pgnode/.s.PGSQL.5440");
        }
    }

    private static void between(String key, int value, int least, int most, Findings findings) {
        if (value < least || value > most) {
            findings.add(key, key + " is " + value + ", must be " + least + ".." + most, "");
        }
    }

    private static void positive(String key, Duration value, Findings findings) {
        if (value.isZero() || value.isNegative()) {
            findings.add(key, key + " is " + Durations.print(value) + ", must be above zero", "");
        }
    }

    private static void member(String name, GatewayConfig.MemberConfig member, Findings findings) {
        String at = "gateway.members." + Names.quoted(name);
        if (!MemberName.isValid(name)) {
            findings.add(
                    at + ".postgresql",
                    "gateway.members has \"" + name + "\", which is no name of a member",
                    "up to 63 characters of letters, digits, - . and _");
        }
        if (member.postgresql().isEmpty() && !findings.isBroken(at + ".postgresql")) {
            findings.add(
                    at + ".postgresql",
                    at + ".postgresql is missing",
                    "give host:port of its PostgreSQL");
        }
        between(at + ".weight", member.weight(), 0, MAX_WEIGHT, findings);
    }

    private static void check(GatewayConfig.CheckConfig check, Findings findings) {
        positive("gateway.check.inter", check.inter(), findings);
        positive("gateway.check.fast-inter", check.fastInter(), findings);
        positive("gateway.check.down-inter", check.downInter(), findings);
        positive("gateway.check.timeout", check.timeout(), findings);
        between("gateway.check.rise", check.rise(), 1, MAX_RETRIES, findings);
        between("gateway.check.fall", check.fall(), 1, MAX_RETRIES, findings);
        check.caFile()
                .ifPresent(file -> FileCheck.readable("gateway.check.ca-file", file, findings));
    }

    private static void stats(GatewayConfig.StatsConfig stats, Findings findings) {
        PostgresqlCheck.port("gateway.stats.port", stats.port(), findings);
        login("gateway.stats.admin", stats.admin(), findings);
        login("gateway.stats.reader", stats.reader(), findings);
    }

    private static void login(String at, GatewayConfig.StatsLogin login, Findings findings) {
        PasswordCheck.run(at, login, findings);
        PasswordCheck.pair(at, login.username().isPresent(), login, findings);
    }
}
