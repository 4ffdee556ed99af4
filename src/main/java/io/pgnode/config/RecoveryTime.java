package io.pgnode.config;

import java.time.Duration;

/**
 * How long clients cannot write in the worst case, from the lease settings alone. The size of the
 * database adds to it where said.
 *
 * <p>Node lost (agent, supervisor and postmaster die at once, right after a renewal):
 *
 * <pre>
 *   ttl       the lease runs out, counted from its last renewal
 * + 0.5 s     etcd looks for expired leases every 500 ms
 * + 1.0 s     race: the view arrives by watch, members compare positions, one takes the key
 * + 0.5 s     promotion: replay of what was received is done, pg_promote until writable
 * </pre>
 *
 * <p>Postmaster killed: the agent learns of it through a pidfd, not by polling, and starts it
 * again; crash recovery of the WAL since the last checkpoint comes on top.
 *
 * <p>Agent killed or stopped: PostgreSQL keeps serving until the lease's deadline; then as for a
 * lost node. Killed, the supervisor starts it again long before, and nothing happens.
 *
 * <p>Switchover: checkpoint before, then the clean stop, the handoff and the promotion; none of the
 * lease settings takes part.
 *
 * @param nodeLost ttl + 0.5 s + 1 s + 0.5 s
 * @param postmasterKilled 0.5 s until the loop acts + 1 s for the start, plus crash recovery
 * @param agentStopped lease remaining at its own deadline to the next leader: 0.5 s + 1 s + 0.5 s,
 *     plus the safety margin between the fence and the lease's end
 * @param switchover 1 s, on a database whose checkpoint is done before
 */
public record RecoveryTime(
        Duration nodeLost, Duration postmasterKilled, Duration agentStopped, Duration switchover) {
    /** etcd's interval between looks for expired leases. */
    static final Duration LEASE_EXPIRY = Duration.ofMillis(500);

    /** The watch event, the comparison of positions over REST, the transaction. */
    static final Duration RACE = Duration.ofSeconds(1);

    /** From pg_promote to the first write, replay done. */
    static final Duration PROMOTION = Duration.ofMillis(500);

    /** How long before the lease's end the guard fences. */
    static final Duration GUARD_MARGIN = Duration.ofMillis(500);

    /** Start of a postmaster whose WAL is replayed in no time. */
    static final Duration START = Duration.ofSeconds(1);

    /** The exit's event waits for the action that the loop is in. */
    static final Duration DETECTION = Duration.ofMillis(500);

    private static final Duration SWITCHOVER = Duration.ofSeconds(1);

    public static RecoveryTime worstCase(Timings timings) {
        Duration takeover = LEASE_EXPIRY.plus(RACE).plus(PROMOTION);
        return new RecoveryTime(
                timings.ttl().plus(takeover),
                DETECTION.plus(START),
                GUARD_MARGIN.plus(takeover),
                SWITCHOVER);
    }
}
