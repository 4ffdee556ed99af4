package io.pgnode.gateway;

import io.pgnode.config.PgnodeConfig;
import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.route.CheckSettings;
import io.pgnode.gateway.route.ConfiguredRoutes;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.StaticMember;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Reservation;
import io.pgnode.net.Sockets;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a new configuration wants of a running gateway: read with all its files, and with the places
 * to listen on, before anything changes. Blocking; one thread.
 */
final class GatewayPlan implements AutoCloseable {
    private final PgnodeConfig config;
    private final @Nullable NodePooler pooler;
    private final boolean hasList;
    private final List<ServiceSpec> services;
    private final Reservation places;
    private final List<String> problems = new ArrayList<>();
    private NodePooler.@Nullable Prepared pooled;
    private Statistics.@Nullable Wanted statistics;

    /**
     * @param hasList whether the gateway asks a list of members, and no agent
     */
    GatewayPlan(
            PgnodeConfig config, @Nullable NodePooler pooler, boolean hasList, EventLoops loops) {
        this.config = config;
        this.hasList = hasList;
        this.pooler = pooler;
        this.places = new Reservation(loops);
        this.services =
                ConfiguredRoutes.services(config).stream()
                        .filter(spec -> pooler != null || spec.mode() != ServiceMode.POOLED)
                        .toList();
    }

    /**
     * Reads and opens all that is new.
     *
     * @return all that is wrong
     */
    List<String> prepare() {
        NodePooler known = pooler;
        if (known != null) {
            try {
                pooled = known.prepare(config);
            } catch (NodePooler.BadConfig e) {
                problems.addAll(e.messages());
            }
        }
        if (hasList != !config.gateway().members().isEmpty()) {
            problems.add(
                    "gateway.members: to go from an agent to a list of members, or back, needs a"
                            + " restart");
        }
        try {
            statistics = Statistics.Wanted.of(config.gateway().stats());
        } catch (IOException e) {
            problems.add("gateway.stats: " + e.getMessage());
        }
        try {
            checks().verify();
        } catch (IOException e) {
            problems.add("gateway.check.ca-file: " + e.getMessage());
        }
        reserve();
        return problems;
    }

    private void reserve() {
        for (ServiceSpec spec : services) {
            reserve("service " + spec.name(), spec.binds().stream().map(Sockets::address).toList());
        }
        NodePooler.Prepared own = pooled;
        if (own != null) {
            reserve("the pooler", own.addresses());
        }
        Statistics.Wanted its = statistics;
        if (its != null) {
            reserve("the statistics", its.addresses());
        }
    }

    private void reserve(String who, List<SocketAddress> addresses) {
        for (SocketAddress address : addresses) {
            try {
                places.add(address);
            } catch (IOException e) {
                problems.add(who + " " + e.getMessage());
            }
        }
    }

    /** From now on it is carried out; {@link #close} ends it. */
    void begin() {
        places.begin();
    }

    /** Those that can be served. */
    List<ServiceSpec> services() {
        return services;
    }

    /** Null when there is no pooler. */
    NodePooler.@Nullable Prepared pooled() {
        return pooled;
    }

    Statistics.@Nullable Wanted statistics() {
        return statistics;
    }

    List<StaticMember> members() {
        return ConfiguredRoutes.members(config);
    }

    CheckSettings checks() {
        return ConfiguredRoutes.checks(config);
    }

    /** What was opened in vain is closed. */
    @Override
    public void close() {
        places.close();
    }
}
