package io.pgnode.cluster;

import io.pgnode.model.MemberName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The failover key: an operator's wish for another leader.
 *
 * @param leader the leader it was asked of; null for a manual failover
 * @param candidate who should lead; null for the best one
 * @param scheduledAt null for now
 */
public record SwitchoverRequest(
        @Nullable MemberName leader,
        @Nullable MemberName candidate,
        @Nullable Instant scheduledAt,
        long modRevision) {
    /**
     * Without a named leader it is a failover: it may go on when the leader is gone, and may lose
     * data.
     */
    public boolean isFailover() {
        return leader == null;
    }
}
