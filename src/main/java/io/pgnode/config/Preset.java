package io.pgnode.config;

import java.time.Duration;

/**
 * Lease and loop settings that fit together, by how far apart the nodes are.
 *
 * <p>Each keeps {@code loopWait + 2 * retryTimeout <= ttl}: one failed read of the cluster, one
 * failed renewal and one pause end before the lease does.
 */
public enum Preset {
    /** One rack or machine, a DCS that answers in milliseconds. */
    LAN(3, 1, 1),
    /** One data centre with quiet disks. */
    FAST(5, 1, 2),
    /** The default. */
    NORM(10, 2, 4),
    /** Several data centres, slow or shared disks under the DCS. */
    WIDE(30, 10, 10);

    private final int ttlSeconds;
    private final int loopWaitSeconds;
    private final int retryTimeoutSeconds;

    Preset(int ttlSeconds, int loopWaitSeconds, int retryTimeoutSeconds) {
        this.ttlSeconds = ttlSeconds;
        this.loopWaitSeconds = loopWaitSeconds;
        this.retryTimeoutSeconds = retryTimeoutSeconds;
    }

    public Timings timings() {
        return new Timings(
                Duration.ofSeconds(ttlSeconds),
                Duration.ofSeconds(loopWaitSeconds),
                Duration.ofSeconds(retryTimeoutSeconds));
    }

    /** How long clients cannot write in the worst case. */
    public RecoveryTime worstCaseRecovery() {
        return RecoveryTime.worstCase(timings());
    }
}
