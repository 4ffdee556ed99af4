package io.pgnode.ha;

import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;

/**
 * What another member said of itself when it was asked before a leader race.
 *
 * @param reachable false when it did not answer in time; everything else is then meaningless
 * @param isPrimary it says that it accepts writes
 * @param leaseValid it says that its lease (or failsafe agreement) is still good; always true for
 *     agents that do not tell
 * @param inRecovery it is a running standby
 * @param position largest WAL position it has received or replayed; flushed for a primary
 * @param state PostgreSQL's state in its words: {@code running}, {@code starting}, …
 */
public record PeerAnswer(
        MemberName name,
        boolean reachable,
        boolean isPrimary,
        boolean leaseValid,
        boolean inRecovery,
        int timeline,
        Lsn position,
        boolean noFailover,
        int failoverPriority,
        boolean watchdogFailed,
        String state,
        boolean isPgnode) {
    public static PeerAnswer unreachable(MemberName name) {
        return new PeerAnswer(
                name,
                false,
                false,
                false,
                false,
                0,
                Lsn.NONE,
                true,
                0,
                false,
                "unreachable",
                false);
    }
}
