package io.pgnode.agent.rest;

import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.model.MemberName;
import java.time.Instant;

/**
 * Reads the body of {@code /switchover} and {@code /failover}, and refuses what can be refused
 * without asking anybody. Pure.
 */
final class SwitchoverForm {
    static final String EXAMPLE = "{\"leader\": \"pg-test-1\", \"candidate\": \"pg-test-2\"}";

    private SwitchoverForm() {}

    /**
     * A failover that names the leader is a switchover.
     *
     * @param isFailover asked for as {@code /failover}
     */
    static SwitchoverRequest read(Body body, boolean isFailover, boolean isPaused, Instant now)
            throws RequestException {
        MemberName leader = body.member("leader", "leader name does not match");
        String candidateField = body.text("candidate").isEmpty() ? "member" : "candidate";
        MemberName candidate = body.member(candidateField, "candidate does not exist");
        if (isFailover && candidate == null) {
            throw new RequestException(
                    400, "Failover could be performed only to a specific candidate");
        }
        if (isFailover && !body.text("scheduled_at").isEmpty()) {
            throw new RequestException(400, "Failover can't be scheduled");
        }
        if (!isFailover && leader == null) {
            throw new RequestException(
                    400, "Switchover could be performed only from a specific leader");
        }
        Instant at = body.schedule("scheduled_at", "switchover", now);
        if (isPaused && at != null) {
            throw new RequestException(400, "Can't schedule switchover in the paused state");
        }
        if (isPaused && candidate == null) {
            throw new RequestException(
                    400, "Switchover is possible only to a specific candidate in a paused state");
        }
        return new SwitchoverRequest(leader, candidate, at, 0);
    }
}
