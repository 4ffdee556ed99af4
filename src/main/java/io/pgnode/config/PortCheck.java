package io.pgnode.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two listeners must not want the same port of the same address. */
final class PortCheck {
    /** Ports of the built-in services. */
    private static final Map<String, Integer> BUILT_IN =
            new TreeMap<>(
                    Map.of("primary", 5433, "replica", 5434, "default", 5436, "offline", 5438));

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
        if (config.pooler().enabled()) {
            for (String address : config.pooler().listen().split(",", -1)) {
                listeners.add(new Listener("pooler.port", address.strip(), config.pooler().port()));
            }
        }
        if (config.dcs().type() == DcsType.EMBEDDED) {
            listeners.add(
                    new Listener(
                            "dcs.listen",
                            config.dcs().listen().host(),
                            config.dcs().listen().port()));
        }
        if (config.gateway().enabled()) {
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

    private static void gateway(PgnodeConfig config, List<Listener> listeners) {
        GatewayConfig.StatsConfig stats = config.gateway().stats();
        listeners.add(new Listener("gateway.stats.port", stats.listen(), stats.port()));
        BUILT_IN.forEach(
                (name, port) -> {
                    if (!config.services().containsKey(name)) {
                        listeners.add(new Listener("services." + name + ".port", "*", port));
                    }
                });
        new TreeMap<>(config.services())
                .forEach(
                        (name, service) -> {
                            if (service.enabled()) {
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
