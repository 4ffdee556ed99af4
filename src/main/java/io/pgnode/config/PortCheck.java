package io.pgnode.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Two listeners must not want the same port of the same address. */
final class PortCheck {
    /** Ports of the built-in services. */
    private static final Map<String, Integer> BUILT_IN =
            new TreeMap<>(
                    Map.of("primary", 5433, "replica", 5434, "default", 5436, "offline", 5438));

    /** Of these, those in mode pooled. */
    private static final Set<String> POOLED = Set.of("primary", "replica");

    /**
     * @param isListed a service with a port or an address in the configuration
     */
    private record Listener(String key, String address, int port, boolean isListed) {
        Listener(String key, String address, int port) {
            this(key, address, port, false);
        }

        boolean clashesWith(Listener other) {
            return port == other.port
                    && !isSameService(other)
                    && (address.equals(other.address)
                            || IdentityCheck.isWildcard(address)
                            || IdentityCheck.isWildcard(other.address));
        }

        /** Services that say the same are found where services are checked. */
        private boolean isSameService(Listener other) {
            return isListed && other.isListed && address.equals(other.address);
        }
    }

    private PortCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        List<Listener> listeners = new ArrayList<>();
        for (String address : config.postgresql().listen().split(",", -1)) {
            listeners.add(
                    new Listener("postgresql.port", address.strip(), config.postgresql().port()));
        }
        listeners.add(new Listener("rest.port", config.rest().listen(), config.rest().port()));
        boolean hasGateway = config.gateway().enabled() || !config.gateway().members().isEmpty();
        if (hasGateway && config.pooler().enabled()) {
            for (String address : config.pooler().listen().split(",", -1)) {
                listeners.add(new Listener("pooler.port", address.strip(), config.pooler().port()));
            }
            socket(config, listeners, findings);
        }
        if (config.dcs().type() == DcsType.EMBEDDED) {
            listeners.add(
                    new Listener(
                            "dcs.listen",
                            config.dcs().listen().host(),
                            config.dcs().listen().port()));
        }
        if (hasGateway) {
            gateway(config, listeners);
        }
        for (int i = 0; i < listeners.size(); i++) {
            for (int j = 0; j < i; j++) {
                Listener later = listeners.get(i);
                Listener earlier = listeners.get(j);
                if (!later.key.equals(earlier.key) && later.clashesWith(earlier)) {
                    findings.add(
                            findings.isSet(later.key) ? later.key : earlier.key,
                            later.key + " and " + earlier.key + " are both " + later.port,
                            "give one of them another port");
                }
            }
        }
    }

    /** The files of their unix sockets have nothing but the port in their names. */
    private static void socket(PgnodeConfig config, List<Listener> listeners, Findings findings) {
        String own = config.postgresql().socketDir().toString();
        String dir = config.pooler().settings().getOrDefault("unix_socket_dir", own);
        // Wanting the same TCP port of the same address as well is reported as that.
        boolean clashes =
                of("pooler.port", listeners)
                        .anyMatch(
                                pooler ->
                                        of("postgresql.port", listeners)
                                                .anyMatch(pooler::clashesWith));
        if (dir.equals(own) && !clashes && config.pooler().port() == config.postgresql().port()) {
            findings.add(
                    "pooler.port",
                    "pooler.port and postgresql.port are both "
                            + config.pooler().port()
                            + ", and so are their unix sockets in "
                            + dir,
                    "give the pooler another port, or a pooler.settings.unix_socket_dir of its own");
        }
    }

    private static Stream<Listener> of(String key, List<Listener> listeners) {
        return listeners.stream().filter(listener -> listener.key.equals(key));
    }

    /** Services in mode pooled stay closed without a pooler. */
    private static boolean isOpened(PgnodeConfig config, String name) {
        ServiceConfig service = config.services().get(name);
        boolean isPooled =
                service == null || service.mode().isEmpty()
                        ? POOLED.contains(name)
                        : service.mode().get() == ServiceConfig.Mode.POOLED;
        return config.pooler().enabled() || !isPooled;
    }

    private static void gateway(PgnodeConfig config, List<Listener> listeners) {
        GatewayConfig.StatsConfig stats = config.gateway().stats();
        listeners.add(new Listener("gateway.stats.port", stats.listen(), stats.port()));
        BUILT_IN.forEach(
                (name, port) -> {
                    if (!config.services().containsKey(name) && isOpened(config, name)) {
                        listeners.add(new Listener("services." + name + ".port", "*", port));
                    }
                });
        new TreeMap<>(config.services())
                .forEach(
                        (name, service) -> {
                            if (service.enabled() && isOpened(config, name)) {
                                service(name, service, listeners);
                            }
                        });
    }

    private static void service(String name, ServiceConfig service, List<Listener> listeners) {
        String at = "services." + Names.quoted(name);
        Integer builtIn = BUILT_IN.get(name);
        if (service.port().isPresent()) {
            listeners.add(new Listener(at + ".port", "*", service.port().getAsInt(), true));
        } else if (service.bind().isEmpty() && builtIn != null) {
            listeners.add(new Listener(at + ".port", "*", builtIn));
        }
        for (String bind : service.bind().orElse(List.of())) {
            int colon = bind.lastIndexOf(':');
            if (!bind.startsWith("/")
                    && colon > 0
                    && bind.substring(colon + 1).matches("[0-9]{1,5}")) {
                listeners.add(
                        new Listener(
                                at + ".bind",
                                bind.substring(0, colon),
                                Integer.parseInt(bind.substring(colon + 1)),
                                true));
            }
        }
    }
}
