package io.pgnode.cluster;

import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A member as its key in the DCS describes it. Refreshed at most once per loop: positions are as
 * old as that.
 *
 * @param postgres where its PostgreSQL listens; null when the member has not said so yet
 * @param apiUrl base of its REST API, such as {@code http://10.0.0.1:8008/patroni}; empty when
 *     unknown
 * @param state PostgreSQL's state in Patroni's words: {@code running}, {@code streaming}, {@code
 *     starting}, {@code stopped}, {@code creating replica}, …
 * @param version version of the agent; ours start with {@code pgnode-}
 * @param lsn position: flush on a primary; the larger of received and replayed on a standby
 * @param receiveLsn last WAL received and flushed by a standby; {@link Lsn#NONE} when unknown
 * @param replayLsn last WAL replayed by a standby; {@link Lsn#NONE} when unknown
 * @param timeline zero when unknown
 * @param replicationState {@code streaming}, {@code in archive recovery} or empty
 * @param pendingRestart changed parameters that wait for a restart: name to "old -> new"; empty for
 *     none
 * @param scheduledRestart JSON text of a scheduled restart; empty for none
 * @param paused this member has seen that the cluster is paused
 * @param modRevision DCS revision of the key
 */
public record Member(
        MemberName name,
        @Nullable HostPort postgres,
        String apiUrl,
        MemberRole role,
        String state,
        String version,
        Tags tags,
        Lsn lsn,
        Lsn receiveLsn,
        Lsn replayLsn,
        int timeline,
        String replicationState,
        Map<String, String> pendingRestart,
        String scheduledRestart,
        boolean paused,
        long leaseId,
        long modRevision) {
    public Member {
        pendingRestart = Map.copyOf(pendingRestart);
    }

    /** Whether its PostgreSQL answers queries. */
    public boolean isRunning() {
        return state.equals("running")
                || state.equals("streaming")
                || state.equals("in archive recovery");
    }

    /** Whether the agent is ours, so that it understands our own keys. */
    public boolean isPgnode() {
        return version.startsWith("pgnode-");
    }
}
