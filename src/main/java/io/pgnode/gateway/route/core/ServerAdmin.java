package io.pgnode.gateway.route.core;

import io.pgnode.model.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * What an operator changed about a server at run time; kept by the names of service and server
 * while the process lives, whatever is reloaded.
 *
 * @param weight -1 for the configured one
 * @param connections most sessions at once; -1 for the configured number, 0 for no limit
 * @param address null for the configured one
 * @param health null for what the source says
 */
public record ServerAdmin(
        AdminState state,
        int weight,
        int connections,
        @Nullable HostPort address,
        @Nullable Condition health) {
    public static final ServerAdmin NONE = new ServerAdmin(AdminState.READY, -1, -1, null, null);

    public ServerAdmin withState(AdminState wanted) {
        return new ServerAdmin(wanted, weight, connections, address, health);
    }

    public ServerAdmin withWeight(int wanted) {
        return new ServerAdmin(state, wanted, connections, address, health);
    }

    public ServerAdmin withConnections(int wanted) {
        return new ServerAdmin(state, weight, wanted, address, health);
    }

    public ServerAdmin withAddress(HostPort wanted) {
        return new ServerAdmin(state, weight, connections, wanted, health);
    }

    public ServerAdmin withHealth(@Nullable Condition wanted) {
        return new ServerAdmin(state, weight, connections, address, wanted);
    }
}
