package io.pgnode.config;

import java.util.ArrayList;
import java.util.List;

/** Two listeners must not want the same port of the same address. */
final class PortCheck {
    private record Listener(String key, String address, int port) {
        boolean clashesWith(Listener other) {
            return port == other.port
                    && (address.equals(other.address)
                            || IdentityCheck.isWildcard(address)
                            || IdentityCheck.isWildcard(other.address));
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
}
