package io.pgnode.guard;

import java.nio.file.Path;

/**
 * The files of a run directory that the processes of a node find each other by.
 *
 * @param directory mode 0700, on a file system that is empty after a boot
 */
public record RunFiles(Path directory) {
    /** The deadline channel; the supervisor listens. */
    public Path guardSocket() {
        return directory.resolve("guard.sock");
    }

    /** The agent's view of the cluster, for the gateway; the agent listens. */
    public Path agentSocket() {
        return directory.resolve("agent.sock");
    }

    /**
     * How clients are held back: leads to the {@link #gatewaySocket(long)} of the newest gateway.
     */
    public Path gatewaySocket() {
        return directory.resolve("gateway.sock");
    }

    /** Where the gateway with this process id listens. */
    public Path gatewaySocket(long pid) {
        return directory.resolve("gateway-" + pid + ".sock");
    }

    /** What the files of {@link #gatewaySocket(long)} are called. */
    public boolean isGatewaySocket(Path file) {
        return file.getFileName().toString().matches("gateway-[0-9]+\\.sock");
    }

    /** Where a gateway offers its listeners to its successor. */
    public Path gatewayOffers() {
        return directory.resolve("gateway.next");
    }

    /** Until when the agent promised a leader without a DCS to keep still; for the next agent. */
    public Path promise() {
        return directory.resolve("promise");
    }

    /** Held by the supervisor. */
    public Path supervisorLock() {
        return lock("supervisor");
    }

    /** Held by the agent, from its first moment to its last. */
    public Path agentLock() {
        return lock("agent");
    }

    /** Held by the gateway. */
    public Path gatewayLock() {
        return lock("gateway");
    }

    /** Held by the child of this name, so that a new supervisor finds it. */
    public Path lock(String child) {
        return directory.resolve(child + ".lock");
    }
}
